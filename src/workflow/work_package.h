// One work package: a Markdown file `tasks/WPnn-*.md` whose YAML frontmatter holds its id, lane and history.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"
#include "base/result.h"
#include "protocol/lanes.h"

namespace pawprint::workflow {

struct Dependency {
  std::string wp_id;
  int line = 0;  // where the file names it
};

// The event behind the newest history entry that carries one, among those that a clock can have given.
struct KnownTransition {
  std::string event_id;
  std::uint64_t lamport_clock = 0;
};

struct WorkPackage {
  std::string id;     // "WP01"
  std::string title;  // `title:`, else the first heading, else the id; never empty
  protocol::Lane lane = protocol::Lane::planned;
  std::vector<Dependency> dependencies;  // in the file's order, each once
  std::vector<std::string> subtasks;     // "T001", ...
  std::string assignee, agent;           // empty if the file names none
  std::optional<KnownTransition> last_transition;
  std::string clock_out_of_range;  // of a history entry that was passed over; empty: none
  Path file;
};

// Who keeps the lanes of a feature: the frontmatter, or also a file `status.events.jsonl`.
enum class LaneHome { frontmatter, maybe_status_log };

// Reads the text of a work package. Kind `invalid` with file and line for: no frontmatter, not YAML,
// duplicate keys, no lane or one that is none, an id that is none or differs from the file name's, a
// dependency that is no id. A history entry above `lamport_ceiling` (protocol/limits.h) is passed over, since
// its number would outrank every entry to come; who moves the work package says so.
Result<WorkPackage> parse_work_package(std::string_view text, const Path& file, LaneHome lane_home,
                                       std::uint64_t lamport_ceiling);

// "WP01-setup.md" -> "WP01"; empty if the name does not begin with an id.
std::string id_of_file_name(const Path& file);

// Whether a file of this name in `tasks/` is meant to be a work package ("WP01-setup.md"; not "README.md").
bool is_work_package_file(std::string_view name);

// A file that is meant to be a work package and cannot be used.
struct DamagedWorkPackage {
  std::string wp_id;  // as far as the file's name tells; empty if it does not
  Error error;        // with file and line
};

struct WorkPackageFolder {
  std::vector<WorkPackage> work_packages;   // sorted by id
  std::vector<DamagedWorkPackage> damaged;  // sorted by file; one for each id that several files claim
};

// The work packages of a `tasks` directory; none if there is no such directory. One damaged file does not
// hide the others. Kind `invalid` for the old layout `tasks/<lane>/WPnn-*.md`, `io` for a folder that cannot
// be listed.
Result<WorkPackageFolder> read_work_packages(Disk& disk, const Path& tasks_directory, LaneHome lane_home,
                                             std::uint64_t lamport_ceiling);

}  // namespace pawprint::workflow
