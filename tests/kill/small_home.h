// A home and an empty project with an identity, without any program; gone with the object.
#pragma once

#include <filesystem>

namespace pawprint::testing {

class SmallHome {
 public:
  SmallHome();
  SmallHome(const SmallHome&) = delete;
  SmallHome& operator=(const SmallHome&) = delete;
  ~SmallHome();

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path home() const { return directory_ / "home"; }
  std::filesystem::path project() const { return directory_ / "project"; }

 private:
  std::filesystem::path directory_;
};

}  // namespace pawprint::testing
