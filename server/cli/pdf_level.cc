#include "server/cli/pdf_level.h"

#include <iostream>

#include <boost/json.hpp>

#include "hsm/softphone/printable.h"
#include "server/cli/data_folder.h"
#include "server/cli/files.h"
#include "server/cli/mapped_file.h"
#include "server/cli/output_place.h"
#include "server/cli/signing_authorities.h"
#include "server/cli/utc_text.h"
#include "server/cli/word_choice.h"
#include "server/config/config.h"
#include "server/push/authority_fetch.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::evidence::PdfChange;
using cloudsign::evidence::PdfExtender;
using cloudsign::evidence::Raised;
using cloudsign::evidence::Timestamper;

Outcome<void> add_anchors(const std::vector<std::string>& files, LevelSources& sources) {
    TRY_ASSIGN(const auto read, read_certificates(files));
    sources.anchors.insert(sources.anchors.end(), read.begin(), read.end());
    return {};
}

// An API's own time-stamping authority.
std::string tsa_of(const std::string& url) {
    return url + "/pki/tsa";
}

// One extender with what it asks through.
class Work {
public:
    explicit Work(const LevelSources& sources)
        : fetch_(push::authority_fetch(http_, sources.ca_file)),
          timestamper_(sources.tsa_urls, sources.anchors, fetch_, clock_),
          extender(
              [this](auto digest, const Bytes& hash) { return timestamper_.stamp(digest, hash); },
              fetch_,
              sources.anchors,
              clock_) {}

private:
    push::OutboundHttp http_;
    cloudsign::SystemClock clock_;
    const cloudsign::evidence::Fetch fetch_;
    const Timestamper timestamper_;

public:
    PdfExtender extender;
};

}  // namespace

void add_level_options(CLI::App& command, LevelOptions& options) {
    const std::vector<std::pair<std::string, Level>> levels{
        {"B-B", Level::b}, {"B-T", Level::t}, {"B-LT", Level::lt}, {"B-LTA", Level::lta}};
    command
        .add_option_function<Level>(
            "--level",
            [&options](const Level& level) { options.level = level; },
            "How far a PDF is raised: B-B signed; B-T its time proved; B-LT with the status of all "
            "certificates inside; B-LTA with a time-stamp over that (default: B-LTA). A CMS, to "
            "B-T (default: B-B)")
        ->type_name("LEVEL")
        ->transform(word_of(levels));
    command
        .add_option("--tsa",
                    options.tsa_urls,
                    "A time-stamping authority (RFC 3161 over HTTP); several are asked in turn "
                    "where one fails (default: the server's)")
        ->type_name("URL")
        ->allow_extra_args(false);
    command
        .add_option("--authority",
                    options.authorities,
                    "Whom signers and time-stamping authorities must end in, beside the server's "
                    "own (PEM); may be repeated")
        ->type_name("FILE")
        ->allow_extra_args(false);
}

Outcome<LevelSources> level_sources(const LevelOptions& options, const std::string& data) {
    const DataFolder folder(data);
    const auto config = config::load_config(folder.root());
    if (!config) {
        return usage_failure(config.error());
    }
    LevelSources sources;
    sources.ca_file = folder.tls_authority().string();
    sources.tsa_urls = options.tsa_urls;
    const auto& named = config->timestamp;
    std::vector<std::string> files = options.authorities;
    if (!named.url.empty()) {
        files.push_back(named.authorities.string());
    }
    if (sources.tsa_urls.empty() && !named.url.empty()) {
        sources.tsa_urls = named.fallback_urls;
        sources.tsa_urls.insert(sources.tsa_urls.begin(), named.url);
    }
    if (sources.tsa_urls.empty()) {
        sources.tsa_urls = {tsa_of(config->url_of(config->api_host))};
    }
    TRY_ASSIGN(const auto own, signing_authorities(folder));
    files.insert(files.end(), own.begin(), own.end());
    TRY(add_anchors(files, sources));
    return sources;
}

Outcome<LevelSources> level_sources(const LevelOptions& options,
                                    const std::string& url,
                                    const Bytes& root) {
    LevelSources sources;
    sources.tsa_urls = options.tsa_urls;
    if (sources.tsa_urls.empty() && !url.empty()) {
        sources.tsa_urls = {tsa_of(url)};
    }
    if (!root.empty()) {
        sources.anchors.push_back(root);
    }
    TRY(add_anchors(options.authorities, sources));
    return sources;
}

Outcome<Raised> raise_file(const fs::path& file,
                           Level target,
                           AtTop at_top,
                           const LevelSources& sources) {
    Work work(sources);
    TRY_ASSIGN(const auto place, OutputPlace::choose(file));
    std::optional<MappedFile> mapped;
    const auto map = [&]() -> Outcome<hsm::ByteView> {
        TRY_ASSIGN(auto opened, MappedFile::open(file));
        mapped.emplace(std::move(opened));
        return mapped->bytes();
    };
    const auto keep = [&](const PdfChange& change) -> cloudsign::Result<hsm::ByteView> {
        const auto written = place.replace(change.applied_to(mapped->bytes()));
        if (!written) {
            return Error{ErrorKind::internal, written.error().text};
        }
        const auto again = map();
        if (!again) {
            return Error{ErrorKind::internal, again.error().text};
        }
        return *again;
    };
    TRY_ASSIGN(const auto pdf, map());
    return at_top == AtTop::renew ? work.extender.renew(pdf, keep)
                                  : work.extender.raise(pdf, target, keep);
}

Outcome<Raised> look_at_file(const fs::path& file, const LevelSources& sources) {
    Work work(sources);
    TRY_ASSIGN(const auto mapped, MappedFile::open(file));
    return work.extender.look(mapped.bytes());
}

int tell_missed(const Raised& raised) {
    for (const auto& left : raised.left) {
        std::cerr << "left as it is: " << hsm::softphone::printable(left) << "\n";
    }
    if (!raised.missed) {
        return exit_done;
    }
    std::cerr << "kyso: at " << cloudsign::evidence::level_name(raised.level)
              << " and no further: " << hsm::softphone::printable(raised.missed->detail) << "\n";
    // Of one whose signer is revoked, or which does not stand, nothing more can be made.
    const auto kind = raised.missed->kind;
    if (kind != ErrorKind::credential_disabled && kind != ErrorKind::invalid) {
        std::cerr << "`kyso document extend` goes on from there.\n";
    }
    return exit_level;
}

void put_level(json::object& out, const Raised& raised) {
    out["level"] = cloudsign::evidence::level_name(raised.level);
    if (raised.missed) {
        out["missed"] = raised.missed->detail;
    }
    if (!raised.left.empty()) {
        out["left"] = json::value_from(raised.left);
    }
    if (raised.renew_before_ms != 0) {
        out["renew_before"] = utc_text(raised.renew_before_ms / 1000);
    }
}

}  // namespace server::cli
