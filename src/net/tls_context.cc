#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pemerr.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/format.h"
#include "base/printable.h"
#include "base/shell_word.h"

namespace pawprint::net {
namespace {

constexpr const char* kCiphersOf12 = "ECDHE+AESGCM:ECDHE+CHACHA20";  // forward secret, authenticated

std::string last_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "it cannot be read" : reason;
}

std::unexpected<Error> unusable(std::string_view what, const std::string& file, std::string_view why,
                                std::string_view look = {}) {
  return fail(ErrorKind::failed, fmt::format("cannot use the {} {}: {}", what, printable(file), why),
              look.empty() ? std::string() : fmt::format("{} {}", look, shell_word(file)));
}

constexpr std::string_view kLookAtCertificate = "openssl x509 -noout -text -in";
constexpr std::string_view kLookAtKey = "openssl pkey -noout -in";

// OpenSSL's words for a file that is not there, or that is something else, say nothing to who wrote its name.
std::string why_not_read(const std::string& file) {
  const unsigned long code = ERR_peek_error();
  if (::access(file.c_str(), R_OK) != 0) return std::generic_category().message(errno);
  const int reason = ERR_GET_REASON(code);
  const bool has_none = (ERR_GET_LIB(code) == ERR_LIB_PEM && reason == PEM_R_NO_START_LINE) ||
                        (ERR_GET_LIB(code) == ERR_LIB_OSSL_DECODER && reason == ERR_R_UNSUPPORTED);
  return has_none ? fmt::format("it has none in PEM ({})", last_reason()) : last_reason();
}

Result<TlsContext> make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(method), SSL_CTX_free);
  const bool made = context != nullptr && SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_cipher_list(context.get(), kCiphersOf12) == 1;
  if (!made) return fail(ErrorKind::failed, "cannot set up TLS: " + last_reason());
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection holds no record buffers (2 x 16 KiB).
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

}  // namespace

Result<TlsContext> server_tls(const TlsFiles& files) {
  PAW_TRY(context, make_context(TLS_server_method()));
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return unusable("certificate", files.certificate, why_not_read(files.certificate), kLookAtCertificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return unusable("key", files.key, why_not_read(files.key), kLookAtKey);
  }
  if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(context.get()))) < 0) {
    return unusable("certificate", files.certificate, "it has expired", kLookAtCertificate);
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

Result<TlsContext> client_tls(const TlsTrust& trust) {
  PAW_TRY(context, make_context(TLS_client_method()));
  const bool loaded = trust.authorities.empty()
                          ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                          : SSL_CTX_load_verify_file(context.get(), trust.authorities.c_str()) == 1;
  if (!loaded) return unusable("certificates of authorities", trust.authorities, last_reason());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

}  // namespace pawprint::net
