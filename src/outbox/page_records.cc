#include "outbox/page_records.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "sqlite/file_format.h"
#include "sqlite/wal_frames.h"

namespace pawprint::outbox {
namespace {

using sqlite::big_endian;
using sqlite::kPageBytes;
using sqlite::word;

constexpr std::size_t kFileHeaderBytes = 100;
constexpr std::size_t kLargestPayload = 16 << 20;

constexpr unsigned kInteriorIndex = 0x02;
constexpr unsigned kLeafIndex = 0x0a;
constexpr unsigned kLeafTable = 0x0d;

// Moves `at` behind it; nullopt if it goes beyond the end.
std::optional<std::uint64_t> varint(std::string_view bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (int i = 0; i < 9; ++i) {
    if (at >= bytes.size()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    if (i == 8) return value << 8 | byte;
    value = value << 7 | (byte & 0x7fU);
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

class Pages {
 public:
  Pages(std::string_view database, sqlite::PagesByNumber newer, std::size_t count)
      : database_(database), newer_(std::move(newer)), count_(std::max(database.size() / kPageBytes, count)) {
    if (page(1).starts_with(std::string_view("SQLite format 3\0", 16))) read_free_list();
  }

  std::size_t count() const { return count_; }
  bool is_free(std::size_t number) const { return free_.contains(number); }

  // Empty if it is not there.
  std::string_view page(std::size_t number) const {
    const auto newer = newer_.find(number);
    if (newer != newer_.end()) return newer->second;
    if (number == 0 || number * kPageBytes > database_.size()) return {};
    return database_.substr((number - 1) * kPageBytes, kPageBytes);
  }

 private:
  void read_free_list() {
    for (std::size_t trunk = word(page(1), 32); trunk != 0;) {
      const std::string_view bytes = page(trunk);
      if (bytes.empty() || !free_.insert(trunk).second) return;
      const std::size_t leaves = std::min<std::size_t>(word(bytes, 4), kPageBytes / 4 - 2);
      for (std::size_t i = 0; i < leaves; ++i) free_.insert(word(bytes, 8 + 4 * i));
      trunk = word(bytes, 0);
    }
  }

  std::string_view database_;
  sqlite::PagesByNumber newer_;
  std::size_t count_;
  std::set<std::size_t> free_;
};

// How much of a payload stands in the cell itself.
std::size_t local_bytes(std::size_t payload, unsigned type) {
  const std::size_t most = type == kLeafTable ? kPageBytes - 35 : (kPageBytes - 12) * 64 / 255 - 23;
  if (payload <= most) return payload;
  const std::size_t least = (kPageBytes - 12) * 32 / 255 - 23;
  const std::size_t wanted = least + (payload - least) % (kPageBytes - 4);
  return wanted <= most ? wanted : least;
}

std::optional<std::string> payload_at(const Pages& pages, std::string_view page, std::size_t at,
                                      unsigned type, std::size_t size) {
  const std::size_t local = local_bytes(size, type);
  if (size > kLargestPayload || at + local + (local < size ? 4 : 0) > page.size()) return std::nullopt;
  std::string payload(page.substr(at, local));
  std::size_t next = local < size ? word(page, at + local) : 0;
  while (payload.size() < size) {
    const std::string_view more = pages.page(next);
    if (more.empty()) return std::nullopt;
    payload += more.substr(4, std::min(size - payload.size(), kPageBytes - 4));
    next = word(more, 0);
  }
  return payload;
}

std::optional<std::size_t> value_bytes(std::uint64_t type) {
  constexpr std::size_t kNumbers[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
  if (type < 10) return kNumbers[type];
  if (type < 12) return std::nullopt;
  return (type - 12) / 2;
}

RecordValue value_of(std::uint64_t type, std::string_view bytes) {
  if (type == 0 || type == 7) return std::monostate{};
  if (type >= 12) return bytes;
  if (type >= 8) return static_cast<std::int64_t>(type - 8);
  const int unused = static_cast<int>(64 - 8 * bytes.size());
  return static_cast<std::int64_t>(big_endian(bytes, 0, bytes.size()) << unused) >> unused;
}

std::optional<std::vector<RecordValue>> values_of(std::string_view payload) {
  std::size_t at = 0;
  const auto header = varint(payload, at);
  if (!header || *header > payload.size()) return std::nullopt;
  std::size_t body = *header;
  std::vector<RecordValue> values;
  while (at < *header) {
    const auto type = varint(payload, at);
    const auto size = type ? value_bytes(*type) : std::nullopt;
    if (!size || *size > payload.size() - body) return std::nullopt;
    values.push_back(value_of(*type, payload.substr(body, *size)));
    body += *size;
  }
  if (at != *header || body != payload.size()) return std::nullopt;
  return values;
}

void read_cell(const Pages& pages, std::string_view page, std::size_t at, unsigned type,
               const std::function<void(const PageRecord&)>& take) {
  if (type == kInteriorIndex) at += 4;  // the page to its left
  PageRecord record;
  const auto size = varint(page, at);
  if (!size) return;
  if (type == kLeafTable) {
    const auto row_id = varint(page, at);
    if (!row_id) return;
    record.row_id = static_cast<std::int64_t>(*row_id);
  }
  const auto payload = payload_at(pages, page, at, type, *size);
  auto values = payload ? values_of(*payload) : std::nullopt;
  if (!values) return;
  record.values = *std::move(values);
  take(record);
}

void read_page(const Pages& pages, std::size_t number, const std::function<void(const PageRecord&)>& take) {
  const std::string_view page = pages.page(number);
  if (page.empty()) return;
  const std::size_t header = number == 1 ? kFileHeaderBytes : 0;
  const auto type = static_cast<unsigned char>(page[header]);
  if (type != kInteriorIndex && type != kLeafIndex && type != kLeafTable) return;
  const std::size_t pointers = header + (type == kInteriorIndex ? 12 : 8);
  const std::size_t cells = big_endian(page, header + 3, 2);
  for (std::size_t i = 0; i < cells && pointers + 2 * i + 2 <= page.size(); ++i) {
    read_cell(pages, page, big_endian(page, pointers + 2 * i, 2), type, take);
  }
}

}  // namespace

void read_records(std::string_view database, std::string_view wal,
                  const std::function<void(const PageRecord&)>& take) {
  sqlite::WalPages in_wal = sqlite::read_wal(wal);
  {
    const Pages pages(database, in_wal.newest, in_wal.database_pages);
    for (std::size_t number = 1; number <= pages.count(); ++number)
      if (!pages.is_free(number)) read_page(pages, number, take);
  }
  // In addition: a record that stands in both is in one of its states in each.
  for (const auto& [number, content] : in_wal.behind) in_wal.newest[number] = content;
  const Pages behind(database, std::move(in_wal.newest), in_wal.database_pages);
  for (const auto& [number, content] : in_wal.behind) read_page(behind, number, take);
}

}  // namespace pawprint::outbox
