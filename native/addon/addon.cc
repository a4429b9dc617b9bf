#include "api.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  RegisterCgroup(env, exports);
  RegisterChown(env, exports);
  RegisterChecksum(env, exports);
  RegisterLock(env, exports);
  RegisterMount(env, exports);
  RegisterNetns(env, exports);
  RegisterNode(env, exports);
  RegisterPack(env, exports);
  RegisterPath(env, exports);
  RegisterPipe(env, exports);
  RegisterProcess(env, exports);
  RegisterRemove(env, exports);
  RegisterRun(env, exports);
  RegisterSocket(env, exports);
  RegisterSpawn(env, exports);
  RegisterTerminal(env, exports);
  RegisterUnpack(env, exports);
  RegisterWatch(env, exports);
  RegisterXattr(env, exports);
  return exports;
}

NODE_API_MODULE(addon, Init)
