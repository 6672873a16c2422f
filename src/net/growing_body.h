// A body of a message for Beast (its concepts Body and BodyReader) that takes memory as it comes, where
// Beast's own string_body takes at once what the head tells, and none while it is not kept. No Boost in this
// header.
#pragma once

#include <cstddef>
#include <string>

namespace pawprint::net {

struct GrowingBody {
  struct value_type {
    std::string text;
    bool is_kept = true;
  };

  class reader {
   public:
    template <class Head>
    reader(Head&, value_type& body) : body_(body) {}

    template <class Length, class Error>
    static void init(const Length&, Error& error) {
      error = {};
    }

    template <class Buffer, class Error>
    std::size_t put(const Buffer& piece, Error& error) {
      error = {};
      if (body_.is_kept) body_.text.append(static_cast<const char*>(piece.data()), piece.size());
      return piece.size();
    }

    template <class Error>
    static void finish(Error& error) {
      error = {};
    }

   private:
    value_type& body_;
  };
};

}  // namespace pawprint::net
