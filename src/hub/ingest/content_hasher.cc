#include "hub/ingest/content_hasher.h"

#include <openssl/evp.h>

namespace pawprint::hub::ingest {
namespace {

// Looked up once for the process; nullptr: this OpenSSL has no SHA-256.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  return fetched;
}

}  // namespace

struct ContentHasher::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

ContentHasher::ContentHasher() : state_(std::make_unique<State>()) {}
ContentHasher::~ContentHasher() = default;

Digest ContentHasher::hash(std::string_view text) {
  EVP_MD_CTX* const context = state_->context.get();
  Digest digest{};
  const bool hashed = context != nullptr && EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1 &&
                      EVP_DigestUpdate(context, text.data(), text.size()) == 1 &&
                      EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  return hashed ? digest : sha256(text);
}

}  // namespace pawprint::hub::ingest
