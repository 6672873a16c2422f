// Certificates that a test makes for itself: an authority, and what it vouches for. For tests alone.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

namespace pawprint::net {

struct OpenSslFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
template <class T>
using OpenSsl = std::unique_ptr<T, OpenSslFree>;

// An authority whose certificate stands in `file`.
class Authority {
 public:
  explicit Authority(const std::string& file) : key_(EVP_EC_gen("P-256")) {
    certificate_ = make("Authority of a test", "", key_.get(), 3600);
    write_certificate(file, certificate_.get());
  }

  // A certificate for `subject`, as "DNS:localhost" or "IP:127.0.0.1", and its key.
  void issue(const std::string& subject, const std::string& certificate_file, const std::string& key_file,
             long seconds_left = 3600) {
    const OpenSsl<EVP_PKEY> key(EVP_EC_gen("P-256"));
    write_certificate(certificate_file, make("Server of a test", subject, key.get(), seconds_left).get());
    const OpenSsl<std::FILE> file(std::fopen(key_file.c_str(), "w"));
    PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }

 private:
  OpenSsl<X509> make(const std::string& name, const std::string& subject, EVP_PKEY* key, long seconds_left) {
    OpenSsl<X509> made(X509_new());
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -86'400);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), seconds_left);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    const bool is_authority = subject.empty();
    X509_set_issuer_name(made.get(), X509_get_subject_name(is_authority ? made.get() : certificate_.get()));
    is_authority ? extend(made.get(), NID_basic_constraints, "critical,CA:TRUE")
                 : extend(made.get(), NID_subject_alt_name, subject);
    X509_sign(made.get(), key_.get(), EVP_sha256());
    return made;
  }

  static void extend(X509* certificate, int kind, const std::string& value) {
    const OpenSsl<X509_EXTENSION> made(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
    X509_add_ext(certificate, made.get(), -1);
  }

  static void write_certificate(const std::string& path, X509* certificate) {
    const OpenSsl<std::FILE> file(std::fopen(path.c_str(), "w"));
    PEM_write_X509(file.get(), certificate);
  }

  OpenSsl<EVP_PKEY> key_;
  OpenSsl<X509> certificate_;
  long serial_ = 0;
};

}  // namespace pawprint::net
