#include "hub/store/boards.h"

namespace pawprint::hub::store {
namespace {

// Lanes are written by their names, so a name that is none means a damaged row.
Result<protocol::Lane> lane_in(const sqlite::Statement& row, int column) {
  const auto lane = protocol::lane_of(row.view(column));
  if (!lane) return fail(ErrorKind::io, "cannot read the board: a card names no lane");
  return *lane;
}

std::optional<std::string> text_or_none(const sqlite::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.text(column);
}

Result<CardRow> card_in(const sqlite::Statement& row) {
  CardRow card;
  card.wp_id = row.text(0);
  PAW_TRY(lane, lane_in(row, 1));
  card.lane = lane;
  card.title = row.text(2);
  card.assignee = text_or_none(row, 3);
  card.agent = text_or_none(row, 4);
  card.since = text_or_none(row, 5);
  card.last_event_id = text_or_none(row, 6);
  card.conflict_json = text_or_none(row, 7);
  return card;
}

Result<BoardPosition> position_of(Read& read, std::string_view team_id) {
  PAW_TRY(row, read.prepare("SELECT seq, body_hash FROM board_positions WHERE team_id = ?1"));
  PAW_TRY(found, row.bind(1, team_id).step());
  return found ? position_in(row) : BoardPosition{};
}

Result<std::vector<ProjectRow>> project_rows(Read& read, std::string_view team_id, std::string_view from,
                                             std::size_t limit) {
  PAW_TRY(row, read.prepare(R"sql(
      SELECT p.project_uuid, p.last_seen_ms, slug.value, repo.value FROM board_projects p
      LEFT JOIN board_facts slug ON slug.team_id = p.team_id AND slug.project_uuid = p.project_uuid
        AND slug.feature_slug = '' AND slug.wp_id = '' AND slug.kind = 'project_slug'
      LEFT JOIN board_facts repo ON repo.team_id = p.team_id AND repo.project_uuid = p.project_uuid
        AND repo.feature_slug = '' AND repo.wp_id = '' AND repo.kind = 'repo_slug'
      WHERE p.team_id = ?1 AND p.project_uuid >= ?2 ORDER BY p.project_uuid LIMIT ?3)sql"));
  row.bind(1, team_id).bind(2, from).bind(3, static_cast<std::int64_t>(limit));
  std::vector<ProjectRow> projects;
  for (;;) {
    PAW_TRY(more, row.step());
    if (!more) return projects;
    projects.push_back({.uuid = row.text(0),
                        .slug = text_or_none(row, 2),
                        .repo_slug = text_or_none(row, 3),
                        .last_seen_ms = row.integer(1),
                        .features = {}});
  }
}

// `projects` is sorted by uuid, as the rows are, and has all of the team's between its first and its last.
Result<void> add_feature_counts(Read& read, std::string_view team_id, std::vector<ProjectRow>& projects) {
  if (projects.empty()) return {};
  PAW_TRY(row, read.prepare(R"sql(
      SELECT f.project_uuid, f.feature_slug, c.lane, count(c.wp_id) FROM board_features f
      LEFT JOIN board_cards c USING (team_id, project_uuid, feature_slug)
      WHERE f.team_id = ?1 AND f.project_uuid BETWEEN ?2 AND ?3 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3)sql"));
  row.bind(1, team_id).bind(2, projects.front().uuid).bind(3, projects.back().uuid);
  auto project = projects.begin();
  for (;;) {
    PAW_TRY(more, row.step());
    if (!more) return {};
    while (project != projects.end() && project->uuid < row.view(0)) ++project;
    if (project == projects.end()) return {};
    auto& features = project->features;
    if (features.empty() || features.back().slug != row.view(1))
      features.push_back({.slug = row.text(1), .counts = {}});
    if (row.is_null(2)) continue;
    PAW_TRY(lane, lane_in(row, 2));
    features.back().counts[static_cast<std::size_t>(lane)] = static_cast<std::uint64_t>(row.integer(3));
  }
}

// The feature itself, without its cards.
Result<std::optional<FeatureRow>> feature_row(Read& read, std::string_view team_id,
                                              std::string_view project_uuid, std::string_view feature_slug) {
  PAW_TRY(row, read.prepare(R"sql(
      SELECT number.value, branch.value FROM board_features f
      LEFT JOIN board_facts number ON number.team_id = f.team_id AND number.project_uuid = f.project_uuid
        AND number.feature_slug = f.feature_slug AND number.wp_id = '' AND number.kind = 'feature_number'
      LEFT JOIN board_facts branch ON branch.team_id = f.team_id AND branch.project_uuid = f.project_uuid
        AND branch.feature_slug = f.feature_slug AND branch.wp_id = '' AND branch.kind = 'target_branch'
      WHERE f.team_id = ?1 AND f.project_uuid = ?2 AND f.feature_slug = ?3)sql"));
  PAW_TRY(found, row.bind(1, team_id).bind(2, project_uuid).bind(3, feature_slug).step());
  if (!found) return std::nullopt;
  FeatureRow feature;
  feature.number = text_or_none(row, 0);
  feature.target_branch = text_or_none(row, 1);
  return feature;
}

// WP100 comes after WP11: the numbers in the ids are what people count by.
Result<std::vector<CardRow>> cards(Read& read, std::string_view team_id, std::string_view project_uuid,
                                   std::string_view feature_slug) {
  PAW_TRY(row, read.prepare(R"sql(
      SELECT wp_id, lane, title, assignee, agent, since, last_event_id, conflict_json FROM board_cards
      WHERE team_id = ?1 AND project_uuid = ?2 AND feature_slug = ?3 ORDER BY length(wp_id), wp_id)sql"));
  row.bind(1, team_id).bind(2, project_uuid).bind(3, feature_slug);
  std::vector<CardRow> cards;
  for (;;) {
    PAW_TRY(more, row.step());
    if (!more) return cards;
    PAW_TRY(card, card_in(row));
    cards.push_back(std::move(card));
  }
}

constexpr std::string_view kReadTeamCards = R"sql(
      SELECT wp_id, lane, title, assignee, agent, since, last_event_id, conflict_json, project_uuid, feature_slug
      FROM board_cards WHERE team_id = ?1 ORDER BY project_uuid, feature_slug, wp_id LIMIT ?2)sql";

Result<std::vector<PlacedCard>> team_cards(Read& read, std::string_view team_id, std::size_t limit) {
  PAW_TRY(row, read.prepare(kReadTeamCards));
  row.bind(1, team_id).bind(2, static_cast<std::int64_t>(limit));
  std::vector<PlacedCard> cards;
  for (;;) {
    PAW_TRY(more, row.step());
    if (!more) return cards;
    PAW_TRY(card, card_in(row));
    cards.push_back({row.text(8), row.text(9), std::move(card)});
  }
}

}  // namespace

BoardPosition position_in(const sqlite::Statement& row) {
  BoardPosition position;
  position.seq = static_cast<std::uint64_t>(row.integer(0));
  const std::string_view hash = row.view(1);
  for (std::size_t i = 0; i < position.body_hash.size() && i < hash.size(); ++i) {
    position.body_hash[i] = static_cast<std::uint8_t>(hash[i]);
  }
  return position;
}

Result<std::uint64_t> Boards::events_behind() {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare("SELECT coalesce(sum(t.head_seq - coalesce(p.seq, 0)), 0) FROM teams t "
                               "LEFT JOIN board_positions p USING (team_id)"));
  PAW_TRY(there, select.step());
  return there ? static_cast<std::uint64_t>(select.integer(0)) : 0;
}

Result<BoardPosition> Boards::position(std::string_view team_id) {
  PAW_TRY(read, database_.read());
  return position_of(read, team_id);
}

Result<std::vector<ProjectRow>> Boards::projects(std::string_view team_id, std::string_view from,
                                                 std::size_t limit) {
  PAW_TRY(read, database_.read());
  PAW_TRY(projects, project_rows(read, team_id, from, limit));
  PAW_TRY(counted, add_feature_counts(read, team_id, projects));
  return projects;
}

Result<std::optional<FeatureRow>> Boards::feature(std::string_view team_id, std::string_view project_uuid,
                                                  std::string_view feature_slug) {
  PAW_TRY(read, database_.read());
  PAW_TRY(feature, feature_row(read, team_id, project_uuid, feature_slug));
  if (!feature) return std::nullopt;
  PAW_TRY(found, cards(read, team_id, project_uuid, feature_slug));
  PAW_TRY(position, position_of(read, team_id));
  feature->cards = std::move(found);
  feature->position = position;
  return feature;
}

Result<TeamCards> Boards::all_cards(std::string_view team_id, std::size_t limit) {
  PAW_TRY(read, database_.read());
  PAW_TRY(found, team_cards(read, team_id, limit));
  PAW_TRY(position, position_of(read, team_id));
  return TeamCards{std::move(found), position};
}

}  // namespace pawprint::hub::store
