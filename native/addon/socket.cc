// Sockets that Node lacks: SEQPACKET clients, and ports that are only reserved.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "api.h"

static int CloseWith(int fd) {
  int error = -errno;
  close(fd);
  return error;
}

// A path longer than sun_path goes through an O_PATH fd.
static int Connect(const std::string& path) {
  int link = open(path.c_str(), O_PATH | O_CLOEXEC);
  if (link < 0) return -errno;
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return CloseWith(link);
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", link);
  int rc = connect(fd, reinterpret_cast<struct sockaddr*>(&address), sizeof address);
  int error = -errno;
  close(link);
  if (rc == 0) return fd;
  close(fd);
  return error;
}

static Napi::Value ConnectSeqpacket(const Info& info) { return plain(info, Connect(text(info, 0))); }

static Napi::Value Receive(const Info& info) {
  auto buffer = info[1].As<Napi::Uint8Array>();
  ssize_t n;
  do n = recv(static_cast<int>(number(info, 0)), buffer.Data(), buffer.ByteLength(), MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return result(info, n);
}

// send(fd, buffer, offset, length)
static Napi::Value Send(const Info& info) {
  auto buffer = info[1].As<Napi::Uint8Array>();
  size_t offset = static_cast<size_t>(number(info, 2)), length = static_cast<size_t>(number(info, 3));
  if (offset > buffer.ByteLength() || length > buffer.ByteLength() - offset) return plain(info, -EINVAL);
  ssize_t n;
  do n = send(static_cast<int>(number(info, 0)), buffer.Data() + offset, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return result(info, n);
}

static Napi::Value ShutdownWrite(const Info& info) {
  return result(info, shutdown(static_cast<int>(number(info, 0)), SHUT_WR));
}

static socklen_t Address(const std::string& ip, uint16_t port, struct sockaddr_storage* out) {
  auto* four = reinterpret_cast<struct sockaddr_in*>(out);
  if (inet_pton(AF_INET, ip.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    return sizeof *four;
  }
  auto* six = reinterpret_cast<struct sockaddr_in6*>(out);
  if (inet_pton(AF_INET6, ip.c_str(), &six->sin6_addr) != 1) return 0;
  six->sin6_family = AF_INET6;
  six->sin6_port = htons(port);
  return sizeof *six;
}

static int Reserve(const std::string& ip, uint16_t port, const std::string& protocol) {
  struct sockaddr_storage address = {};
  socklen_t length = Address(ip, port, &address);
  if (length == 0) return -EINVAL;
  bool stream = protocol != "udp";
  int fd = socket(address.ss_family, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC,
                  protocol == "sctp" ? IPPROTO_SCTP : 0);
  if (fd < 0) return -errno;
  int one = 1;
  // As for any server: a port whose last connections are still in TIME_WAIT is free.
  if (stream) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (address.ss_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  if (bind(fd, reinterpret_cast<struct sockaddr*>(&address), length) < 0) return CloseWith(fd);
  if (stream && listen(fd, 1) < 0) return CloseWith(fd);
  return fd;
}

// bindPort(ip, port, protocol)
static Napi::Value BindPort(const Info& info) {
  return plain(info, Reserve(text(info, 0), static_cast<uint16_t>(number(info, 1)), text(info, 2)));
}

void RegisterSocket(Napi::Env env, Napi::Object exports) {
  exports["connectSeqpacket"] = Napi::Function::New(env, ConnectSeqpacket);
  exports["receive"] = Napi::Function::New(env, Receive);
  exports["send"] = Napi::Function::New(env, Send);
  exports["shutdownWrite"] = Napi::Function::New(env, ShutdownWrite);
  exports["bindPort"] = Napi::Function::New(env, BindPort);
}
