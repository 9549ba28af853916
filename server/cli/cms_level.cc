#include "server/cli/cms_level.h"

#include "cloudsign/document/cms_contents.h"
#include "cloudsign/evidence/timestamper.h"
#include "hsm/openssl/digest.h"
#include "server/cli/mapped_file.h"
#include "server/cli/output_place.h"
#include "server/push/authority_fetch.h"

namespace server::cli {

using cloudsign::Bytes;
using cloudsign::document::CmsContents;
using cloudsign::evidence::Raised;

namespace {

cloudsign::Result<Bytes> stamped(hsm::ByteView cms, const LevelSources& sources) {
    push::OutboundHttp http;
    const cloudsign::SystemClock clock;
    const auto fetch = push::authority_fetch(http, sources.ca_file);
    const cloudsign::evidence::Timestamper timestamper(
        sources.tsa_urls, sources.anchors, fetch, clock);
    constexpr auto digest = hsm::protocol::DigestAlgorithm::sha256;
    TRY_ASSIGN(const auto contents, CmsContents::read(cms));
    TRY_ASSIGN(const auto token,
               timestamper.stamp(digest, hsm::openssl::digest_of(contents.signature(), digest)));
    TRY(cloudsign::evidence::check_timestamp_time(token, clock.now_ms()));
    return contents.with_timestamp(token);
}

}  // namespace

Outcome<Raised> stamp_file(const std::filesystem::path& file, const LevelSources& sources) {
    TRY_ASSIGN(const auto place, OutputPlace::choose(file));
    TRY_ASSIGN(const auto mapped, MappedFile::open(file));
    Raised raised;
    const auto cms = stamped(mapped.bytes(), sources);
    if (!cms) {
        raised.missed = cms.error();
        return raised;
    }
    TRY(place.replace(hsm::text_of(*cms)));
    raised.level = Level::t;
    return raised;
}

}  // namespace server::cli
