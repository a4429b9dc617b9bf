// Waiting for an fd in Node's own event loop: pidfds, pipes and SEQPACKET sockets cost no thread.
#include <uv.h>

#include "api.h"

namespace {

struct Watch {
  uv_poll_t poll;
  Napi::FunctionReference callback;
  napi_env env;
  bool closed = false, freed = false;
};

void Ready(uv_poll_t* poll, int status, int events) {
  auto* watch = static_cast<Watch*>(poll->data);
  Napi::Env env(watch->env);
  Napi::HandleScope scope(env);
  double value = status < 0 ? status : events;
  watch->callback.MakeCallback(env.Global(), {Napi::Number::New(env, value)});
}

void Stop(Watch* watch) {
  if (watch->closed) return;
  watch->closed = true;
  uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll), [](uv_handle_t* handle) {
    auto* self = static_cast<Watch*>(handle->data);
    self->callback.Reset();
    self->freed = true;
  });
}

Watch* Of(const Info& info) { return info[0].As<Napi::External<Watch>>().Data(); }

}  // namespace

// watch(fd, callback): a handle, or -errno. Nothing is watched before watchEvents.
static Napi::Value Create(const Info& info) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(info.Env(), &loop);
  auto* watch = new Watch();
  watch->env = info.Env();
  int rc = uv_poll_init(loop, &watch->poll, static_cast<int>(number(info, 0)));
  if (rc < 0) {
    delete watch;
    return plain(info, rc);
  }
  watch->poll.data = watch;
  watch->callback = Napi::Persistent(info[1].As<Napi::Function>());
  // A handle that JavaScript dropped while it was open is leaked on purpose: libuv still holds it.
  return Napi::External<Watch>::New(info.Env(), watch, [](Napi::Env, Watch* self) {
    if (self->freed) delete self;
  });
}

// watchEvents(handle, events): 1 readable, 2 writable, 0 none
static Napi::Value Events(const Info& info) {
  Watch* watch = Of(info);
  if (watch->closed) return plain(info, -EBADF);
  int events = static_cast<int>(number(info, 1));
  if (events == 0) return plain(info, uv_poll_stop(&watch->poll));
  return plain(info, uv_poll_start(&watch->poll, events, Ready));
}

static Napi::Value Close(const Info& info) {
  Stop(Of(info));
  return info.Env().Undefined();
}

void RegisterWatch(Napi::Env env, Napi::Object exports) {
  exports["watch"] = Napi::Function::New(env, Create);
  exports["watchEvents"] = Napi::Function::New(env, Events);
  exports["watchClose"] = Napi::Function::New(env, Close);
}
