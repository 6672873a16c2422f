#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/sync_context.h"

namespace pawprint::cli {
namespace {

struct Setting {
  std::string_view key;  // of [sync] in pawprint.toml
  boost::json::value value;
  std::string_view variable = {};  // of the environment, where that decides
  int line = 0;                    // in pawprint.toml, where that decides; else it is the default
};

std::vector<Setting> settings_in_force(const Environment& environment, const settings::Settings& settings) {
  boost::json::value server = nullptr;
  if (settings.server_url) server = *settings.server_url;
  const std::string_view durability = settings.durability == Durability::power ? "power" : "process";
  boost::json::value origins =
      boost::json::array(settings.auto_link_origins.begin(), settings.auto_link_origins.end());
  std::vector<Setting> all{{"server_url", std::move(server)},
                           {"queue_limit", settings.queue_limit},
                           {"agent_idle_seconds", settings.agent_idle_seconds},
                           {"durability", boost::json::value(durability)},
                           {"link", boost::json::value(settings.link)},
                           {"auto_link_origins", std::move(origins)}};
  for (Setting& each : all) {
    const auto place = settings.places.find(each.key);
    if (place != settings.places.end() && !each.value.is_null()) each.line = place->second.line;
  }
  if (const auto named = environment.variable(kServerVariable)) {
    all.front() = {.key = "server_url", .value = boost::json::value(*named), .variable = kServerVariable};
  }
  return all;
}

std::string text_of(const boost::json::value& value) {
  if (value.is_null()) return "none";
  return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
}

std::string origin_of(const Setting& setting, const Path& file) {
  if (!setting.variable.empty()) return std::string(setting.variable);
  return setting.line > 0 ? fmt::format("{}:{}", file.string(), setting.line) : "default";
}

boost::json::object json_of(const Setting& setting, const Path& file) {
  const bool of_file = setting.line > 0;
  boost::json::object json{{"key", setting.key}, {"value", setting.value}};
  json["origin"] = !setting.variable.empty() ? "environment" : of_file ? "file" : "default";
  for (const std::string_view key : {"variable", "file", "line"}) json[key] = nullptr;
  if (!setting.variable.empty()) json["variable"] = setting.variable;
  if (of_file) {
    json["file"] = file.string();
    json["line"] = setting.line;
  }
  return json;
}

}  // namespace

Result<Report> run_config_list(Context& context, const Arguments& arguments) {
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(settings, settings::load_settings(*context.environment.disk, home.directory));
  const Path file = settings::settings_file(home.directory);
  const bool show_origin = arguments.flag("--show-origin");
  const auto all = settings_in_force(context.environment, settings);
  std::size_t width = 0;
  for (const Setting& each : all) width = std::max(width, text_of(each.value).size());
  Report report;
  boost::json::array list;
  for (const Setting& each : all) {
    list.push_back(json_of(each, file));
    const std::string value = text_of(each.value);
    report.text += show_origin
                       ? fmt::format("{:<18}  {:<{}}  {}\n", each.key, value, width, origin_of(each, file))
                       : fmt::format("{:<18}  {}\n", each.key, value);
  }
  report.data["settings"] = std::move(list);
  return report;
}

}  // namespace pawprint::cli
