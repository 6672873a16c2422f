// Certificates and trust: what the two sides of a TLS connection (1.2 or newer) are set up with. OpenSSL
// stays out of this header.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;

namespace pawprint::net {

// Paths of PEM files: the server's certificate with those between it and its authority, and its key.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

// Whom a client believes: the authorities in this PEM file; empty: those of the system.
struct TlsTrust {
  std::string authorities;
};

// Shared, because connections go on with the one that they began with.
using TlsContext = std::shared_ptr<ssl_ctx_st>;

// Reads the files. Kind `failed` for what cannot be read, is no PEM, does not belong together or has expired.
Result<TlsContext> server_tls(const TlsFiles& files);

// Kind `failed` if the file cannot be read or holds no certificate.
Result<TlsContext> client_tls(const TlsTrust& trust);

}  // namespace pawprint::net
