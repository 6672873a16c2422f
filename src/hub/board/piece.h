// What a piece of the log says to the board, of each thing once.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hub/store/logged_event.h"

namespace pawprint::hub::board {

// Not thread-safe. What it hands out points into the meanings that it keeps.
class Piece {
 public:
  // The latest of each kind, in the total order.
  class Facts {
   public:
    void keep_latest(const store::EventMeaning& meaning, const store::EventMeaning::Fact& fact);
    std::vector<store::FactRow> rows() const;

   private:
    struct Latest {
      const store::TransitionRow* row = nullptr;  // nullptr: none of the kind
      const std::string* value = nullptr;
    };
    std::array<Latest, store::kFactKinds> of_kind_;
  };
  struct WorkPackage {
    std::vector<const store::TransitionRow*> transitions;  // in the order of the log
    Facts facts;
  };
  struct Feature {
    Facts facts;
    std::map<std::string, WorkPackage> work_packages;  // by id
  };
  struct Project {
    std::int64_t last_seen_ms = 0;
    Facts facts;
    std::map<std::string, Feature> features;  // by slug
  };

  // The next event of the log, whose meaning is not nullptr.
  void add(const store::LoggedEvent& event, store::KnownMeaning meaning);

  const std::map<std::string, Project>& projects() const { return projects_; }  // by uuid
  const std::map<std::string, store::NodeCounts>& nodes() const { return nodes_; }
  const store::BoardPosition& end() const { return end_; }  // seq 0: nothing was added

 private:
  void count(const store::LoggedEvent& event);

  std::map<std::string, Project> projects_;
  std::map<std::string, store::NodeCounts> nodes_;
  std::vector<store::KnownMeaning> meanings_;
  store::BoardPosition end_;
};

}  // namespace pawprint::hub::board
