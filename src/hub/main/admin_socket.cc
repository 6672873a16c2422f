#include "hub/main/admin_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "base/format.h"

namespace pawprint::hub {
namespace {

constexpr std::chrono::milliseconds kRequestTime{5000};
constexpr std::size_t kMaxAnswerBytes = 16U << 20;
constexpr int kBacklog = 8;
constexpr std::size_t kMostWaiting = 8;  // commands that take long, behind the one at work
constexpr int kPauseMs = 100;

// A descriptor that is closed in the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

std::unexpected<Error> socket_error(std::string_view what, const Path& path) {
  return fail(ErrorKind::io,
              fmt::format("cannot {} {}: {}", what, path.string(), std::generic_category().message(errno)));
}

// A path of any length: the kernel takes 107 bytes, so the directory is named by an open descriptor.
sockaddr_un address_in(const Descriptor& directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/admin.sock", directory.number());
  std::ranges::copy(path, address.sun_path);
  return address;
}

template <class Call>
int with_address(Call call, int number, const sockaddr_un& address) {
  return call(number, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

int open_directory(const Path& path) {
  return ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool may_administer(int connection) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

// Until a line feed, the end, or the limit. nullopt: the time was over before that.
std::optional<std::string> read_line(int connection, std::size_t max_bytes,
                                     std::optional<std::chrono::milliseconds> time) {
  const auto start = std::chrono::steady_clock::now();
  std::string line;
  char chunk[4096];
  while (line.size() <= max_bytes && !line.ends_with('\n')) {
    int wait_ms = -1;
    if (time) {
      const auto used =
          std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
      wait_ms = static_cast<int>(std::max<std::int64_t>(0, (*time - used).count()));
    }
    pollfd waiting{connection, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, wait_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    const ssize_t came = ::recv(connection, chunk, sizeof(chunk), 0);
    if (came < 0 && errno == EINTR) continue;
    if (came <= 0) return line;
    line.append(chunk, static_cast<std::size_t>(came));
  }
  return line;
}

bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

Result<std::string> request_line(int connection) {
  if (!may_administer(connection)) {
    return fail(ErrorKind::refused, "only root and the user who runs the hub may administer it");
  }
  const auto line = read_line(connection, kMaxAdminRequestBytes, kRequestTime);
  if (!line) return fail(ErrorKind::invalid, "the request did not come in time");
  if (line->size() > kMaxAdminRequestBytes) return fail(ErrorKind::invalid, "the request is too long");
  if (!line->ends_with('\n')) return fail(ErrorKind::invalid, "the request is not a whole line");
  return *line;
}

Result<AdminRequest> request_from(int connection) {
  PAW_TRY(line, request_line(connection));
  return read_request(line);
}

bool has_gone_away(int connection) {
  pollfd looked_at{connection, 0, 0};  // POLLHUP comes unasked
  return ::poll(&looked_at, 1, 0) > 0;
}

// Who hangs up before the answer sees at the next list what was done.
void answer(int connection, const Result<std::string>& answer) {
  if (!send_all(connection, write_answer(answer))) return;
}

}  // namespace

Result<std::unique_ptr<AdminSocket>> AdminSocket::open(const Path& data_directory, Perform perform,
                                                       TakesLong takes_long) {
  const Path path = data_directory / "admin.sock";
  const Descriptor directory(open_directory(data_directory));
  if (directory.number() < 0) return socket_error("open", data_directory);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return socket_error("replace", path);
  Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  Descriptor wake(::eventfd(0, EFD_CLOEXEC));
  if (listener.number() < 0 || wake.number() < 0 ||
      with_address(::bind, listener.number(), address_in(directory)) != 0 ||
      ::chmod(path.c_str(), 0600) != 0 || ::listen(listener.number(), kBacklog) != 0) {
    return socket_error("listen on", path);
  }
  return std::unique_ptr<AdminSocket>(
      new AdminSocket(path, listener.release(), wake.release(), std::move(perform), std::move(takes_long)));
}

AdminSocket::AdminSocket(Path path, int listener, int wake, Perform perform, TakesLong takes_long)
    : path_(std::move(path)),
      listener_(listener),
      wake_(wake),
      perform_(std::move(perform)),
      takes_long_(std::move(takes_long)),
      thread_([this] { run(); }),
      long_thread_([this] { run_long(); }) {}

AdminSocket::~AdminSocket() {
  stop(std::chrono::milliseconds{0});
  long_thread_.join();
  ::close(listener_);
  ::close(wake_);
}

void AdminSocket::end_what_takes_long() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  if (at_work_) at_work_->request_stop();
  changed_.notify_all();
}

bool AdminSocket::stop(std::chrono::milliseconds grace) {
  end_what_takes_long();
  if (thread_.joinable()) {
    ::eventfd_write(wake_, 1);
    thread_.join();
    ::unlink(path_.c_str());
  }
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, grace, [this] { return !at_work_; });
}

void AdminSocket::run() {
  for (;;) {
    pollfd waiting[] = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    if (::poll(waiting, std::size(waiting), -1) < 0 && errno != EINTR) return;
    if (waiting[0].revents != 0) return;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection >= 0) {
      serve_one(connection);
    } else if (::poll(waiting, 1, kPauseMs) > 0) {  // as with too many open files: it fails again at once
      return;
    }
  }
}

void AdminSocket::serve_one(int number) {
  Descriptor connection(number);
  const timeval patience{.tv_sec = kRequestTime.count() / 1000, .tv_usec = 0};
  ::setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  auto request = request_from(number);
  if (!request) return answer(number, std::unexpected(request.error()));
  if (!takes_long_(*request)) return answer(number, perform_(*request, {}));
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    if (waiting_.size() < kMostWaiting) {
      waiting_.push_back({connection.release(), *std::move(request)});
      changed_.notify_all();
      return;
    }
  }
  answer(number, fail(ErrorKind::busy, "too many commands that take long wait already",
                      "wait until one of them has ended, then run this again"));
}

void AdminSocket::run_long() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) break;
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    const std::stop_source stop = at_work_.emplace();
    lock.unlock();
    perform_long(next, stop);
    lock.lock();
    at_work_.reset();
    changed_.notify_all();
  }
  for (const Waiting& left : waiting_) ::close(left.connection);
}

void AdminSocket::perform_long(const Waiting& wanted, std::stop_source stop) {
  const Descriptor connection(wanted.connection);
  if (has_gone_away(wanted.connection)) return;
  const std::jthread watch([&] {
    pollfd leaving{wanted.connection, 0, 0};
    while (::poll(&leaving, 1, -1) < 0 && errno == EINTR) {
    }
    stop.request_stop();
  });
  auto outcome = perform_(wanted.request, stop.get_token());
  if (!outcome && outcome.error().kind == ErrorKind::interrupted) {
    outcome = fail(ErrorKind::failed,
                   fmt::format("the hub ends: {} was stopped before it was done", wanted.request.verb),
                   "run this again once the hub has ended");
  }
  answer(wanted.connection, outcome);
  ::shutdown(wanted.connection, SHUT_RDWR);  // which ends the watch
}

std::optional<Result<std::string>> ask_running_hub(const Path& data_directory, const AdminRequest& request) {
  const Descriptor directory(open_directory(data_directory));
  const Descriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (directory.number() < 0 || connection.number() < 0 ||
      with_address(::connect, connection.number(), address_in(directory)) != 0) {
    return std::nullopt;
  }
  const std::string line = write_request(request);
  if (line.size() > kMaxAdminRequestBytes) return fail(ErrorKind::invalid, "the command is too long");
  const bool sent = send_all(connection.number(), line);
  const auto answer = read_line(connection.number(), kMaxAnswerBytes, std::nullopt);
  if (!sent || !answer || !answer->ends_with('\n')) {
    return fail(ErrorKind::failed,
                "the running hub ended before it answered; whether the command was performed is not known");
  }
  return read_answer(*answer);
}

}  // namespace pawprint::hub
