#include "server/cli/sign_formats.h"

#include <chrono>
#include <cstdint>
#include <iostream>

#include "cloudsign/document/cms_signature.h"
#include "cloudsign/document/jws_signature.h"
#include "cloudsign/document/pdf_intake.h"
#include "cloudsign/document/pdf_signature.h"
#include "cloudsign/document/xades_signature.h"
#include "cloudsign/revision/standing.h"
#include "hsm/openssl/digest.h"
#include "hsm/softphone/printable.h"
#include "server/cli/files.h"
#include "server/cli/mapped_file.h"
#include "server/cli/signed_input.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
using cloudsign::Bytes;
using hsm::softphone::printable;

// A CMS, JWS or XAdES with its certificates; and what a PDF grows by on its way to B-LTA:
// time-stamps, certificates and revocation lists.
constexpr std::uintmax_t signature_size_max = 64 << 10;
constexpr std::uintmax_t raising_size_max = 256 << 10;

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// The hash of signed attributes goes to the signer; the signature comes back. `room`: the bytes
// that the result may take, without which nobody is asked.
Outcome<Bytes> ask_signer(Portal& portal,
                          const PortalCredential& credential,
                          const Bytes& hash,
                          std::uintmax_t room,
                          const SignOptions& options) {
    TRY(options.place->check_room(room));
    const auto name = fs::path(options.file).filename().string();
    TRY_ASSIGN(const auto handle, portal.authorize(credential, {name, hash}, options.description));
    if (options.form == Form::text) {
        std::cout << "waiting for the signer's approval of " << printable(name) << "\n"
                  << std::flush;
    }
    TRY_ASSIGN(const auto sad,
               portal.wait_for_sad(handle, std::chrono::seconds(options.wait_seconds)));
    TRY(portal.check_certificate(credential));
    return portal.sign_hash(credential, sad, hash);
}

// Where it was put: who else has signed meanwhile keeps their signature.
Outcome<fs::path> keep(const SignOptions& options, std::string_view content) {
    return options.place->keep_signature(std::span(&content, 1));
}

Outcome<fs::path> sign_detached(Portal& portal,
                                const PortalCredential& credential,
                                const SignOptions& options) {
    TRY_ASSIGN(const auto hash, hash_of_file(options.file, credential.algorithm.digest));
    TRY_ASSIGN(const auto prepared,
               outcome_of(cloudsign::document::prepare_cms(
                   hash, credential.chain.front(), credential.algorithm, now_ms())));
    TRY_ASSIGN(const auto signature,
               ask_signer(portal, credential, prepared.hash, signature_size_max, options));
    TRY_ASSIGN(const auto cms,
               outcome_of(cloudsign::document::finish_cms(
                   prepared, credential.algorithm, signature, credential.chain)));
    return keep(options, hsm::base::text_of(cms));
}

// A document that cannot be signed is the caller's matter, before anybody is asked.
Failure refused(const SignOptions& options, const cloudsign::Error& error) {
    return usage_failure(options.file + ": " + error.detail);
}

// Raising writes the whole file anew beside the one that is signed.
std::uintmax_t room_of_pdf(std::uintmax_t signed_size, const SignOptions& options) {
    return target_of(options) == Level::b ? signed_size : 2 * signed_size + raising_size_max;
}

// At B-B, kept: whatever fails from here on, the signature is there.
Outcome<fs::path> write_signed_pdf(Portal& portal,
                                   const PortalCredential& credential,
                                   const SignOptions& options) {
    TRY_ASSIGN(const auto file, MappedFile::open(options.file));
    const auto intake = cloudsign::document::take_in_pdf(file.bytes());
    if (!intake) {
        return refused(options, intake.error());
    }
    if (!intake->note.empty()) {
        std::cerr << printable(options.file) << ": " << intake->note << "\n";
    }
    const auto base = intake->rewritten.empty() ? file.bytes() : hsm::ByteView(intake->rewritten);
    // A signature over what somebody has put behind another would make it look approved.
    const auto stands = cloudsign::revision::check_standing(base);
    if (!stands) {
        return refused(options, stands.error());
    }
    TRY_ASSIGN(const auto wish, pdf_wish(options.pdf, options.file, base, now_ms()));
    const auto prepared =
        cloudsign::document::prepare_pdf(base, credential.chain, credential.algorithm, wish);
    if (!prepared) {
        return refused(options, prepared.error());
    }
    const auto room = room_of_pdf(
        base.size() + cloudsign::document::unsigned_increment(*prepared).size(), options);
    TRY_ASSIGN(const auto signature,
               ask_signer(portal, credential, prepared->cms.hash, room, options));
    // The signer took their time: who has changed the file meanwhile gets no signature for it.
    TRY(outcome_of(cloudsign::document::check_base(*prepared, base)));
    TRY_ASSIGN(
        const auto increment,
        outcome_of(cloudsign::document::complete_pdf(*prepared, signature, credential.chain)));
    const std::string_view parts[] = {hsm::text_of(base), increment};
    return options.place->keep_signature(parts);
}

Outcome<fs::path> sign_jws(Portal& portal,
                           const PortalCredential& credential,
                           const SignOptions& options) {
    TRY_ASSIGN(const auto file, MappedFile::open(options.file));
    const auto prepared = cloudsign::document::prepare_jws(file.bytes(),
                                                           content_type_of(options.file),
                                                           credential.chain,
                                                           credential.algorithm,
                                                           now_ms());
    if (!prepared) {
        return refused(options, prepared.error());
    }
    TRY_ASSIGN(const auto signature,
               ask_signer(portal, credential, prepared->hash, signature_size_max, options));
    TRY_ASSIGN(
        const auto jws,
        outcome_of(cloudsign::document::finish_jws(
            prepared->signing_input, credential.algorithm, signature, credential.chain.front())));
    return keep(options, jws);
}

cloudsign::Result<cloudsign::document::PreparedXades> prepare_xml(
    hsm::ByteView file, const PortalCredential& credential, const SignOptions& options) {
    if (!options.is_detached) {
        return cloudsign::document::prepare_xades(
            file, options.xml, credential.chain, credential.algorithm, now_ms());
    }
    return cloudsign::document::prepare_xades_of_hash(
        hsm::openssl::digest_of(file, credential.algorithm.digest),
        fs::path(options.file).filename().string(),
        credential.chain,
        credential.algorithm,
        now_ms());
}

Outcome<fs::path> sign_xml(Portal& portal,
                           const PortalCredential& credential,
                           const SignOptions& options) {
    TRY_ASSIGN(const auto file, MappedFile::open(options.file));
    const auto prepared = prepare_xml(file.bytes(), credential, options);
    if (!prepared) {
        return refused(options, prepared.error());
    }
    const auto room = signature_size_max + (options.is_detached ? 0 : file.bytes().size());
    TRY_ASSIGN(const auto signature, ask_signer(portal, credential, prepared->hash, room, options));
    TRY_ASSIGN(const auto xml,
               outcome_of(cloudsign::document::complete_xades(
                   *prepared, credential.algorithm, signature, credential.chain.front())));
    return keep(options, xml);
}

}  // namespace

Level target_of(const SignOptions& options) {
    const auto usual = options.format == SignFormat::pades ? Level::lta : Level::b;
    return options.level.level.value_or(usual);
}

Outcome<fs::path> sign_file(Portal& portal,
                            const PortalCredential& credential,
                            const SignOptions& options) {
    switch (options.format) {
        case SignFormat::cades:
            return sign_detached(portal, credential, options);
        case SignFormat::pades:
            return write_signed_pdf(portal, credential, options);
        case SignFormat::jades:
            return sign_jws(portal, credential, options);
        case SignFormat::xades:
            return sign_xml(portal, credential, options);
    }
    return usage_failure("--format: unknown");
}

}  // namespace server::cli
