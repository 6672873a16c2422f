#include "running_hub.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/environment.h"
#include "base/format.h"
#include "hub/identity/password.h"
#include "hub/main/serve.h"
#include "hub/store/store.h"
#include "net/certificates_for_test.h"

namespace pawprint::bench {
namespace {

constexpr std::string_view kPassword = "correct horse";
constexpr std::string_view kUser = "ada@example.org";

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void add_member(const Environment& environment, const Path& directory) {
  const auto store = need(hub::store::Store::open(environment, directory));
  const auto team = need(store->users().add_team("acme", "Acme"));
  const auto hash = hub::identity::hash_password(kPassword);
  need(store->users().add_user(kUser, "Ada", *hash, team, hub::store::kRoleMember));
}

[[noreturn]] void be_the_hub(const Environment& environment, hub::Serve wanted, int ready) {
  ::dup2(ready, STDOUT_FILENO);
  wanted.quota = {
      .events_per_second = 1e9, .burst_events = 1e9, .bytes_per_second = 1e12, .burst_bytes = 1e12};
  need(hub::serve(environment, wanted));
  std::_Exit(0);
}

std::string origin_told(int descriptor) {
  std::string line;
  char c = 0;
  while (::read(descriptor, &c, 1) == 1 && c != '\n') line += c;
  if (!line.contains("http")) give_up("the hub did not start");
  return line.substr(line.find("http"));
}

}  // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

net::HttpRequest request_to(std::string method, std::string url, const std::string& token) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.headers = {{"Content-Type", "application/json"}};
  if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
  return request;
}

RunningHub::RunningHub(const Path& directory, Over over) : directory_(directory) {
  const Environment environment = process_environment();
  add_member(environment, directory);
  hub::Serve wanted{.data = directory, .address = "127.0.0.1", .max_sockets_of_team = 5000};
  if (over == Over::https) {
    authority_ = directory / "authority.pem";
    wanted.tls = net::TlsFiles{directory / "certificate.pem", directory / "key.pem"};
    net::Authority(authority_).issue("IP:127.0.0.1", wanted.tls->certificate, wanted.tls->key);
  }
  int ready[2];
  if (::pipe(ready) != 0) give_up("no pipe");
  std::fflush(stdout);  // what the child would print once more
  process_ = ::fork();
  if (process_ == 0) be_the_hub(environment, std::move(wanted), ready[1]);
  ::close(ready[1]);
  origin_ = origin_told(ready[0]);
}

RunningHub::~RunningHub() {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

std::uint16_t RunningHub::port() const {
  return static_cast<std::uint16_t>(std::stoi(origin_.substr(origin_.rfind(':') + 1)));
}

std::unique_ptr<net::HttpClient> RunningHub::client() const {
  return net::make_http_client(nullptr, {authority_});
}

std::string RunningHub::sign_in() const {
  net::HttpRequest request = request_to("POST", origin_ + "/api/v1/token/");
  request.body = fmt::format(R"({{"username":"{}","password":"{}"}})", kUser, kPassword);
  const auto answer = need(client()->send(request));
  const auto begin = answer.body.find(R"("access":")") + 10;
  return answer.body.substr(begin, answer.body.find('"', begin) - begin);
}

double RunningHub::cpu_seconds() const {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) give_up("no clock");
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

long RunningHub::resident_kib() const {
  std::ifstream status(fmt::format("/proc/{}/statm", process_));
  long total = 0, resident = 0;
  status >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

double RunningHub::stop() {
  ::kill(process_, SIGTERM);
  rusage used{};
  int status = 0;
  ::wait4(std::exchange(process_, 0), &status, 0, &used);
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

}  // namespace pawprint::bench
