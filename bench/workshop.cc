#include "workshop.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "client/make_emitter.h"
#include "project/identity.h"

namespace pawprint::bench {
namespace {

void require(bool held, const std::string& what) {
  if (held) return;
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::abort();
}

}  // namespace

Workshop::Workshop() {
  const char* base = std::getenv("TMPDIR");
  std::string pattern = std::string(base != nullptr ? base : "/var/tmp") + "/pawprint-bench-XXXXXX";
  require(mkdtemp(pattern.data()) != nullptr, "cannot make " + pattern);
  root_ = std::filesystem::canonical(pattern);
  std::filesystem::create_directories(project());
  const std::string git = "cd " + project().string() +
                          " && git init -q && git remote add origin git@github.com:acme/demo.git && "
                          "git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m one";
  require(std::system(git.c_str()) == 0, "git failed");
  environment_.variables["PAWPRINT_HOME"] = home().string();
  environment_.directory = project();
  environment_.user_home = root_;
  environment_.hostname = "host";
  environment_.username = "user";
  environment_.clock = &clock_;
  environment_.random = &random_;
  environment_.disk = &disk_;
  Warnings warnings;
  const auto places = project::find_init_place(environment_).value();
  const auto home = project::find_home(environment_).value();
  const auto git_state = project::read_git_state(environment_, places, warnings);
  require(project::initialise(environment_, places, home, git_state, warnings).has_value(), "init failed");
}

Workshop::~Workshop() {
  std::filesystem::remove_all(root_);
}

void Workshop::empty_home(std::uint64_t limit) {
  std::filesystem::remove_all(home());
  require(environment_.disk->make_directories(home(), 0700).has_value(), "cannot make the home");
  std::ofstream(home() / "pawprint.toml") << "[sync]\nqueue_limit = " << limit << "\n";
  Warnings warnings;
  const auto places = project::find_project(environment_).value();
  const auto found = project::find_home(environment_).value();
  const auto git_state = project::read_git_state(environment_, places, warnings);
  const auto identity = project::read_identity(environment_, places, found, git_state, warnings);
  auto outbox = outbox::Outbox::open(environment_, home()).value();
  outbox::Link link{
      0,      identity.uuid.value(), identity.repo_instance, "https://hub.example.com", "team", "acme",
      "user", clock_.unix_ms()};
  require(outbox.link(link, false).has_value(), "cannot link");
}

void Workshop::fill(int events) {
  constexpr int kAtOnce = 500;
  Emitter emitter = client::make_emitter(environment_);
  for (int done = 0; done < events; done += kAtOnce) {
    const std::vector<Event> some(static_cast<std::size_t>(std::min(kAtOnce, events - done)), event());
    require(emitter.emit_all(some, Durability::process).has_value(), "cannot fill the queue");
  }
}

Event Workshop::event() {
  Event event;
  event.event_type = "WPStatusChanged";
  event.aggregate_id = "WP01";
  event.payload =
      R"({"wp_id":"WP01","from_lane":"planned","to_lane":"in_progress","feature_slug":"001-first","actor":"ada"})";
  event.causation_id = "01JZZZZZZZZZZZZZZZZZZZZZZZ";
  return event;
}

std::string Workshop::envelope() const {
  auto connection = sqlite::Connection::open(home() / "outbox.db", sqlite::Access::read_write).value();
  auto query = connection.prepare("SELECT data FROM queue ORDER BY id DESC LIMIT 1").value();
  require(query.step().value(), "the queue is empty");
  return query.text(0);
}

}  // namespace pawprint::bench
