#include "../api.h"

void RegisterUnpack(Napi::Env, Napi::Object) {}
