#include <libfyaml.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/format.h"
#include "textedit/text_lines.h"
#include "textedit/yaml.h"
#include "textedit/yaml_checks.h"

namespace pawprint::textedit {
namespace {

constexpr std::size_t kMaxDepth = 64;

using Kind = YamlNode::Kind;

struct CloseParser {
  void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};
struct CloseDiagnostics {
  void operator()(fy_diag* diagnostics) const { fy_diag_destroy(diagnostics); }
};
using Diagnostics = std::unique_ptr<fy_diag, CloseDiagnostics>;
using Parser = std::unique_ptr<fy_parser, CloseParser>;

// Errors are collected; nothing is printed.
Diagnostics make_diagnostics() {
  fy_diag_cfg config{};
  fy_diag_cfg_default(&config);
  config.fp = nullptr;
  config.output_fn = [](fy_diag*, void*, const char*, std::size_t) {};
  Diagnostics diagnostics(fy_diag_create(&config));
  fy_diag_set_collect_errors(diagnostics.get(), true);
  return diagnostics;
}

std::string text_of(fy_token* token) {
  std::size_t length = 0;
  const char* text = token == nullptr ? nullptr : fy_token_get_text(token, &length);
  return text == nullptr ? std::string() : std::string(text, length);
}

char style_of(fy_token* token) {
  switch (fy_token_scalar_style(token)) {
    case FYSS_SINGLE_QUOTED:
      return '\'';
    case FYSS_DOUBLE_QUOTED:
      return '"';
    case FYSS_LITERAL:
      return '|';
    case FYSS_FOLDED:
      return '>';
    default:
      return 0;
  }
}

bool spells_null(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

// Makes the tree out of libfyaml's events, which it takes one at a time.
class Reader {
 public:
  Reader(std::string_view text, int first_line) : text_(text), lines_(text), first_line_(first_line) {}

  Result<YamlNode> read() {
    if (const auto bad = first_bad_byte(text_))
      return error_at(*bad, "a control character or a byte that is not UTF-8");
    if (const auto tab = tab_beside_explicit_key(text_))
      return error_at(*tab, "a tab behind a colon, beside a key that begins with \"?\": write a space");
    const Diagnostics diagnostics = make_diagnostics();
    fy_parse_cfg config{};
    config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE |
                                                   FYPCF_DEFAULT_VERSION_1_2);
    config.diag = diagnostics.get();
    const Parser parser(fy_parser_create(&config));
    // libfyaml takes no length of 0 for an empty text.
    if (!parser || fy_parser_set_string(parser.get(), text_.empty() ? "\n" : text_.data(),
                                        text_.empty() ? 1 : text_.size()) != 0)
      return fail(ErrorKind::failed, "cannot read YAML: the parser could not be set up");
    while (fy_event* event = fy_parser_parse(parser.get())) {
      const bool at_end = event->type == FYET_STREAM_END;
      const Result<void> taken = take(*event);
      fy_parser_event_free(parser.get(), event);
      if (!taken) return std::unexpected(taken.error());
      if (at_end && !fy_parser_get_stream_error(parser.get())) return std::move(root_);
    }
    return syntax_error(diagnostics.get());
  }

 private:
  // A collection that is still open. `key` waits for its value.
  struct Open {
    YamlNode node;
    std::optional<YamlNode::Entry> key;
    std::set<std::string, std::less<>> keys;
    std::string anchor;
  };

  std::unexpected<Error> error_at(std::size_t offset, std::string_view why) const {
    return invalid_at(lines_.line_of(offset), lines_.column_of(offset), why, first_line_);
  }

  std::unexpected<Error> syntax_error(fy_diag* diagnostics) const {
    void* position = nullptr;
    const fy_diag_error* first = fy_diag_errors_iterate(diagnostics, &position);
    const int line = first == nullptr ? 1 : std::clamp(first->line, 1, lines_.count());
    if (const auto tab = tab_in_indentation(text_, lines_, line))
      return error_at(*tab, "not YAML: a tab in the indentation, where only spaces may stand");
    const std::string why = first == nullptr || first->msg == nullptr ? "syntax error" : first->msg;
    return invalid_at(line, first == nullptr ? 1 : std::max(1, first->column), "not YAML: " + why,
                      first_line_);
  }

  Result<void> take(const fy_event& event) {
    switch (event.type) {
      case FYET_DOCUMENT_START:
        return start_document(event.document_start.document_start);
      case FYET_MAPPING_START:
        return open(Kind::mapping, event.mapping_start.mapping_start, event.mapping_start.anchor,
                    event.mapping_start.tag);
      case FYET_SEQUENCE_START:
        return open(Kind::sequence, event.sequence_start.sequence_start, event.sequence_start.anchor,
                    event.sequence_start.tag);
      case FYET_MAPPING_END:
        return close(event.mapping_end.mapping_end);
      case FYET_SEQUENCE_END:
        return close(event.sequence_end.sequence_end);
      case FYET_SCALAR:
        return add(scalar(event.scalar), text_of(event.scalar.anchor));
      case FYET_ALIAS:
        return add(alias(event.alias.anchor), {});
      default:
        return {};
    }
  }

  Result<void> start_document(fy_token* token) {
    if (++documents_ == 1) return {};
    const fy_mark* mark = token == nullptr ? nullptr : fy_token_start_mark(token);
    return error_at(mark == nullptr ? cursor_ : mark->input_pos, "several YAML documents in one text");
  }

  void place(YamlNode& node, std::size_t begin, std::size_t end) {
    node.begin = begin;
    node.end = end;
    node.line = lines_.line_of(begin) + first_line_ - 1;
    node.column = lines_.column_of(begin);
    cursor_ = std::max(cursor_, end);
  }

  Result<void> open(Kind kind, fy_token* token, fy_token* anchor, fy_token* tag) {
    if (token == nullptr) return error_at(cursor_, "not YAML: a collection without a start");
    const fy_mark* start = fy_token_start_mark(token);
    if (open_.size() >= kMaxDepth) return error_at(start->input_pos, "nested more than 64 levels deep");
    Open opened;
    opened.node.kind = kind;
    opened.node.marked = anchor != nullptr || tag != nullptr;
    opened.anchor = text_of(anchor);
    const bool flow = fy_token_end_mark(token)->input_pos > start->input_pos;
    if (flow) opened.node.style = kind == Kind::mapping ? '{' : '[';
    place(opened.node, start->input_pos, start->input_pos);
    open_.push_back(std::move(opened));
    return {};
  }

  Result<void> close(fy_token* token) {
    Open closed = std::move(open_.back());
    open_.pop_back();
    YamlNode& node = closed.node;
    if (node.style != 0 && token != nullptr) cursor_ = fy_token_end_mark(token)->input_pos;
    node.end = cursor_;
    return add(std::move(node), closed.anchor);
  }

  YamlNode scalar(const fy_event_scalar_data& data) {
    YamlNode node;
    node.kind = Kind::scalar;
    node.marked = data.anchor != nullptr || data.tag != nullptr;
    node.text = text_of(data.value);
    node.style = style_of(data.value);
    if (node.style == 0 && !node.marked && spells_null(node.text)) node.kind = Kind::null;
    const fy_mark* start = data.value == nullptr ? nullptr : fy_token_start_mark(data.value);
    if (start == nullptr) {
      const std::size_t at = empty_place();
      place(node, at, at);
    } else {
      // The marks of a quoted scalar leave out its quotes.
      const std::size_t quote = node.style == '\'' || node.style == '"' ? 1 : 0;
      place(node, start->input_pos - quote, fy_token_end_mark(data.value)->input_pos + quote);
    }
    return node;
  }

  // Behind the colon or the dash whose value is missing.
  std::size_t empty_place() const {
    std::size_t at = cursor_;
    while (at < text_.size()) {
      at = text_.find_first_not_of(" \t\r\n", at);
      if (at == std::string_view::npos) return cursor_;
      if (text_[at] != '#') break;
      at = next_line(text_, at);
    }
    const bool found = at < text_.size() && (text_[at] == ':' || text_[at] == '-');
    return found ? at + 1 : cursor_;
  }

  // An alias of a scalar has its text; of anything else, none.
  YamlNode alias(fy_token* token) {
    YamlNode node;
    const auto known = anchors_.find(text_of(token));
    if (known != anchors_.end()) {
      node.kind = Kind::scalar;
      node.text = known->second;
    }
    node.marked = true;
    const fy_mark* start = fy_token_start_mark(token);
    place(node, start->input_pos - 1, fy_token_end_mark(token)->input_pos);
    return node;
  }

  Result<void> add(YamlNode node, const std::string& anchor) {
    if (!anchor.empty()) {
      if (node.kind == Kind::scalar)
        anchors_[anchor] = node.text;
      else
        anchors_.erase(anchor);
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return {};
    }
    Open& parent = open_.back();
    if (parent.node.kind == Kind::sequence) {
      parent.node.items.push_back(std::move(node));
      return {};
    }
    if (!parent.key) return add_key(parent, node);
    parent.key->value = std::move(node);
    parent.node.entries.push_back(*std::exchange(parent.key, std::nullopt));
    return {};
  }

  Result<void> add_key(Open& parent, const YamlNode& node) {
    if (node.kind == Kind::mapping || node.kind == Kind::sequence)
      return error_at(node.begin, "a key that is a list or a mapping");
    if (!parent.keys.insert(node.text).second)
      return error_at(node.begin, fmt::format("the key \"{}\" stands twice in one mapping", node.text));
    parent.key = YamlNode::Entry{node.text, node.line, node.column, node.begin, {}};
    return {};
  }

  std::string_view text_;
  TextLines lines_;
  int first_line_;
  int documents_ = 0;
  std::size_t cursor_ = 0;  // end of the last token
  std::vector<Open> open_;
  std::map<std::string, std::string> anchors_;
  YamlNode root_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &found->value;
}

Result<YamlNode> read_yaml(std::string_view text, int first_line) {
  return Reader(text, first_line).read();
}

}  // namespace pawprint::textedit
