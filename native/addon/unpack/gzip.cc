// gzip, any number of members (RFC 1952, 2.2), by ISA-L or by the zlib that Node carries.
#include <zlib.h>

#include <algorithm>

#include "decoder.h"
#include "isal.h"

namespace {

constexpr size_t kMost = 1u << 30;  // both libraries count in 32 bits

class IsalGzip : public Decoder {
 public:
  explicit IsalGzip(const Isal* isal) : isal_(isal), state_(std::make_unique<IsalState>()) {
    isal_->init(state_.get());
    state_->crc_flag = kIsalGzip;
  }

  const char* Run(Step& step) override {
    if (finished_) {
      isal_->reset(state_.get());
      state_->crc_flag = kIsalGzip;
      finished_ = false;
    }
    auto in = static_cast<uint32_t>(std::min(step.inSize, kMost));
    auto out = static_cast<uint32_t>(std::min(step.outSize, kMost));
    state_->next_in = const_cast<uint8_t*>(step.in);
    state_->avail_in = in;
    state_->next_out = step.out;
    state_->avail_out = out;
    int rc = isal_->inflate(state_.get());
    step.consumed = in - state_->avail_in;
    step.produced = out - state_->avail_out;
    finished_ = state_->block_state == kIsalFinished;
    return rc < 0 ? Text(rc) : nullptr;
  }

  bool AtEnd() const override { return finished_; }

 private:
  static const char* Text(int rc) {
    if (rc == -6) return "gzip: wrong checksum";
    return rc <= -4 ? "gzip: invalid header or trailing data" : "gzip: invalid data";
  }

  const Isal* isal_;
  std::unique_ptr<IsalState> state_;
  bool finished_ = false;
};

class ZlibGzip : public Decoder {
 public:
  ZlibGzip() { inflateInit2(&stream_, 15 + 16); }
  ~ZlibGzip() override { inflateEnd(&stream_); }

  const char* Run(Step& step) override {
    if (finished_) inflateReset(&stream_);
    finished_ = false;
    stream_.next_in = const_cast<uint8_t*>(step.in);
    stream_.avail_in = static_cast<uInt>(std::min(step.inSize, kMost));
    stream_.next_out = step.out;
    stream_.avail_out = static_cast<uInt>(std::min(step.outSize, kMost));
    int rc = inflate(&stream_, Z_NO_FLUSH);
    step.consumed = static_cast<size_t>(stream_.next_in - step.in);
    step.produced = static_cast<size_t>(stream_.next_out - step.out);
    finished_ = rc == Z_STREAM_END;
    if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR) return nullptr;
    return rc == Z_DATA_ERROR ? "gzip: invalid data, header or checksum" : "gzip: cannot decode";
  }

  bool AtEnd() const override { return finished_; }

 private:
  z_stream stream_ = {};
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Decoder> MakeGzip(bool allowIsal) {
  const Isal* isal = allowIsal ? LoadIsal() : nullptr;
  if (isal) return std::make_unique<IsalGzip>(isal);
  return std::make_unique<ZlibGzip>();
}
