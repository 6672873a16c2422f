#include "net/gzip.h"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "base/format.h"

namespace pawprint::net {
namespace {

constexpr int kLevel = 6;                    // 1000 events in about 4 ms
constexpr int kGzipWindow = MAX_WBITS + 16;  // gzip framing only, zlib's own refused
constexpr std::size_t kStepBytes = 64U << 10;

// std::string doubles when it grows; this keeps its capacity within the bound.
void grow_within(std::string& out, std::size_t more, std::size_t max_bytes) {
  if (out.capacity() - out.size() >= more) {
    return;
  }
  std::string bigger;
  bigger.reserve(std::min(max_bytes, std::max(out.size() + more, out.capacity() * 2)));
  bigger.append(out);
  out.swap(bigger);
}

// A zlib stream reading gzip members; ends itself.
class Inflater {
 public:
  Inflater() : usable_(inflateInit2(&stream_, kGzipWindow) == Z_OK) {}
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (usable_) {
      inflateEnd(&stream_);
    }
  }
  bool usable() const { return usable_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool usable_;
};

}  // namespace

Result<std::string> gzip(std::string_view bytes) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(kLevel), &libdeflate_free_compressor);
  if (!compressor) {
    return fail(ErrorKind::failed, "cannot compress: no memory");
  }
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), bytes.size()), '\0');
  const std::size_t used =
      libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size());
  if (used == 0) {
    return fail(ErrorKind::failed, fmt::format("cannot compress {} bytes", bytes.size()));
  }
  out.resize(used);
  return out;
}

std::expected<std::string, InflateFailure> gunzip(std::string_view bytes, std::uint64_t max_bytes) {
  Inflater inflater;
  if (!inflater.usable() || bytes.empty() || bytes.size() > std::numeric_limits<uInt>::max()) {
    return std::unexpected(InflateFailure::broken);
  }
  z_stream& stream = inflater.stream();
  // zlib only reads through next_in, though its type does not say so.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, kStepBytes> step;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(step.data());
    stream.avail_out = static_cast<uInt>(step.size());
    const int code = inflate(&stream, Z_NO_FLUSH);
    const std::size_t came = step.size() - stream.avail_out;
    if (came > max_bytes - out.size()) {
      return std::unexpected(InflateFailure::too_large);
    }
    grow_within(out, came, max_bytes);
    out.append(step.data(), came);
    if (code == Z_STREAM_END) {
      if (stream.avail_in == 0) {
        return out;
      }
      if (inflateReset(&stream) != Z_OK) {
        return std::unexpected(InflateFailure::broken);
      }
    } else if (code != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
      return std::unexpected(InflateFailure::broken);
    }
  }
}

}  // namespace pawprint::net
