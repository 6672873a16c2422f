// How somebody comes into a team, inside a transaction of the caller.
#pragma once

#include <string_view>

#include "hub/store/users.h"

namespace pawprint::hub::store {

struct NewMember {
  std::string_view email;
  std::string_view name;
  std::string_view password_hash;
};

Result<void> check_email(std::string_view email);  // kind `invalid`: it is none

// As Users::add_user, which see.
Result<User> put_member(Write& write, Random& random, const NewMember& member, const Team& team,
                        std::string_view role);

}  // namespace pawprint::hub::store
