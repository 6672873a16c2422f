#include "hub/main/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/format.h"

namespace pawprint::hub {
namespace {

constexpr std::size_t kUsual = 6144;
constexpr std::size_t kLeast = 16;
constexpr std::size_t kPerPlain = 1, kPerTls = 3;
constexpr std::size_t kReserved = 256;  // the database and its readers, the log, those that are turned away
constexpr std::size_t kTurnedAway = 64;

std::size_t descriptors_for(std::size_t connections, std::size_t each) {
  return kReserved + each * (connections + kTurnedAway);
}

Result<std::size_t> raised_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return fail(ErrorKind::failed, fmt::format("cannot ask for the limit on open files: {}",
                                               std::generic_category().message(errno)));
  }
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return fail(ErrorKind::failed, fmt::format("cannot raise the limit on open files: {}",
                                               std::generic_category().message(errno)));
  }
  return limit.rlim_cur;
}

}  // namespace

Result<Connections> room_for_connections(std::size_t wanted, bool has_tls) {
  PAW_TRY(limit, raised_limit());
  const std::size_t each = has_tls ? kPerTls : kPerPlain;
  const std::size_t asked = wanted == 0 ? kUsual : wanted;
  if (descriptors_for(asked, each) <= limit) return Connections{asked, ""};
  const std::size_t least = descriptors_for(kLeast, each);
  const std::size_t fit = limit < least ? 0 : (limit - kReserved) / each - kTurnedAway;
  const std::string why = fmt::format("{} connections take {} open files, and this process may have {}",
                                      asked, descriptors_for(asked, each), limit);
  if (wanted != 0 || fit == 0) {
    return fail(
        ErrorKind::failed, fmt::format("--max-connections: {}", why),
        fmt::format("ulimit -Hn {} (LimitNOFILE= of a service), or fewer", descriptors_for(asked, each)));
  }
  return Connections{fit, fmt::format("{}: there may be {} (LimitNOFILE)", why, fit)};
}

}  // namespace pawprint::hub
