#include <libfyaml.h>

#include <cstdlib>
#include <memory>

#include "base/format.h"
#include "base/sabotage.h"
#include "textedit/yaml.h"
#include "textedit/yaml_checks.h"
#include "textedit/yaml_quoting.h"
#include "textedit/yaml_splice.h"

namespace pawprint::textedit {
namespace {

std::string in_style_of(const YamlNode& node, std::string_view value) {
  if (node.style == '\'' || node.style == '"') return quoted(value, node.style);
  return written(value, '"');
}

// The deliberate break: the document as libfyaml writes it, without its comments, unchecked.
std::string rewritten(std::string_view text, const YamlPath& path, std::string_view value) {
  std::string at;
  for (const std::string_view key : path) at += fmt::format("/{}", key);
  const std::unique_ptr<fy_document, decltype(&fy_document_destroy)> document(
      fy_document_build_from_string(nullptr, text.data(), text.size()), &fy_document_destroy);
  fy_node* replacement = fy_node_create_scalar_copy(document.get(), value.data(), value.size());
  fy_document_insert_at(document.get(), at.c_str(), at.size(), replacement);
  const std::unique_ptr<char, decltype(&std::free)> emitted(
      fy_emit_document_to_string(document.get(), FYECF_MODE_BLOCK), &std::free);
  return emitted.get();
}

}  // namespace

Result<std::string> set_yaml_scalar(std::string_view text, const YamlPath& path, std::string_view value) {
  PAW_TRY(checked, check_scalar(value));
  PAW_TRY(root, read_yaml(text));
  PAW_TRY(node, locate(root, path));
  if (node == nullptr)
    return cannot_edit(root.line, fmt::format("cannot set {}: it is not there", dotted(path)));
  const bool settable = node->kind == YamlNode::Kind::scalar || node->kind == YamlNode::Kind::null;
  if (!settable || node->style == '|' || node->style == '>')
    return cannot_edit(node->line, fmt::format("cannot set {}: it is no value on one line", dotted(path)));
  if (sabotaged("frontmatter-rewritten")) return rewritten(text, path, value);

  std::string replacement = in_style_of(*node, value);
  if (node->begin == node->end) replacement.insert(0, 1, ' ');
  std::string edited(text);
  edited.replace(node->begin, node->end - node->begin, replacement);
  const int line = node->line;
  *node = text_node(value);
  return proven(std::move(edited), root, line);
}

}  // namespace pawprint::textedit
