#include "server/api/csc/document_level.h"

#include <thread>

#include "cloudsign/document/cms_contents.h"
#include "cloudsign/evidence/pdf_extender.h"
#include "cloudsign/pki/chain.h"
#include "cloudsign/random.h"
#include "hsm/openssl/digest.h"
#include "server/api/authority_patience.h"
#include "server/api/csc/timestamp.h"

namespace server::api::csc {
namespace {

using cloudsign::Bytes;
using cloudsign::ErrorKind;
using cloudsign::Result;
using cloudsign::evidence::PdfChange;
using cloudsign::evidence::PdfExtender;
using hsm::protocol::DigestAlgorithm;
using std::chrono::steady_clock;

constexpr std::string_view prefix = "Ades-";

}  // namespace

std::string conformance_level(Level level) {
    return std::string(prefix) + std::string(cloudsign::evidence::level_name(level));
}

std::optional<Level> conformance_level_named(std::string_view name) {
    if (!name.starts_with(prefix) && !name.starts_with("AdES-")) {
        return std::nullopt;
    }
    return cloudsign::evidence::level_named(name.substr(prefix.size()));
}

// Two may ask an authority of others at once: who comes third waits for them.
Result<Bytes> DocumentLevels::stamp(DigestAlgorithm digest, const Bytes& hash) {
    constexpr int attempts = 25;
    constexpr std::chrono::milliseconds pause{200};
    Bytes nonce(16);
    cloudsign::fill_random(nonce);
    auto token = context_.timestamps.stamp(digest, hash, nonce);
    for (int i = 1; i < attempts && !token && token.error().kind == ErrorKind::busy; ++i) {
        std::this_thread::sleep_for(pause);
        token = context_.timestamps.stamp(digest, hash, nonce);
    }
    if (token) {
        TRY(cloudsign::evidence::check_timestamp_time(*token, context_.clock.now_ms()));
    }
    return token;
}

bool DocumentLevels::begin() {
    if (missed_ && !missed_->is_hopeless) {
        return false;
    }
    missed_.reset();
    if (asks_ == Asks::if_it_answers && !context_.patience.may_wait(steady_clock::now())) {
        missed_ = Miss{{ErrorKind::unavailable,
                        "an authority has not answered lately; it is asked again later"}};
    }
    return !missed_;
}

std::optional<Bytes> DocumentLevels::stamped(const Bytes& cms, std::size_t size_max) {
    if (!begin()) {
        return std::nullopt;
    }
    const auto since = steady_clock::now();
    auto made = stamp_there(cms);
    context_.patience.ended(missed_.has_value(), since, steady_clock::now());
    return made && made->size() <= size_max ? std::move(made) : std::nullopt;
}

std::optional<Bytes> DocumentLevels::stamp_there(const Bytes& cms) {
    auto made = [&]() -> Result<Bytes> {
        TRY_ASSIGN(const auto contents, cloudsign::document::CmsContents::read(cms));
        TRY_ASSIGN(const auto token,
                   stamp(DigestAlgorithm::sha256,
                         hsm::openssl::digest_of(contents.signature(), DigestAlgorithm::sha256)));
        return contents.with_timestamp(token);
    }();
    if (!made) {
        missed_ = Miss{made.error()};
        return std::nullopt;
    }
    return *std::move(made);
}

Level DocumentLevels::raise(Bytes& pdf, Level target) {
    if (!begin()) {
        return Level::b;
    }
    const auto since = steady_clock::now();
    const auto level = raise_there(pdf, target);
    context_.patience.ended(missed_.has_value(), since, steady_clock::now());
    return level;
}

Level DocumentLevels::raise_there(Bytes& pdf, Level target) {
    std::vector<Bytes> anchors{anchor_};
    if (const auto named = context_.timestamps.authorities()) {
        const auto read = cloudsign::pki::certificates_of_pem(*named);
        anchors.insert(anchors.end(), read.begin(), read.end());
    }
    PdfExtender extender(
        [this](DigestAlgorithm digest, const Bytes& hash) { return stamp(digest, hash); },
        context_.ask_authority,
        std::move(anchors),
        context_.clock);
    const auto raised =
        extender.raise(pdf, target, [&pdf](const PdfChange& change) -> Result<hsm::ByteView> {
            Bytes whole;
            for (const auto part : change.applied_to(pdf)) {
                whole.insert(whole.end(), part.begin(), part.end());
            }
            pdf = std::move(whole);
            return hsm::ByteView(pdf);
        });
    if (raised.missed) {
        // An authority's answer can be as invalid as the file; of the file it is known without one.
        const auto seen = extender.look(pdf);
        missed_ =
            Miss{*raised.missed,
                 raised.nowhere_to_ask || (seen.missed && seen.missed->kind == ErrorKind::invalid)};
    }
    return raised.level;
}

}  // namespace server::api::csc
