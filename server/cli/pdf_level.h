#pragma once

#include <boost/json/object.hpp>

#include "cloudsign/evidence/pdf_extender.h"
#include "server/cli/commands.h"

namespace server::cli {

using cloudsign::evidence::Level;

// --level, --tsa, --authority: how far a PDF is raised, and by whom.
struct LevelOptions {
    std::optional<Level> level;
    std::vector<std::string> tsa_urls;
    std::vector<std::string> authorities;  // files
};
void add_level_options(CLI::App& command, LevelOptions& options);

struct LevelSources {
    std::vector<std::string> tsa_urls;
    std::vector<cloudsign::Bytes> anchors;  // DER
    std::string ca_file;                    // trusted in HTTPS; empty: the system's
};

// Of the installation in a folder: its own authorities, or those that its kyso.toml names; what
// `options` names comes before. Failures as load_config()'s and read_certificates()'s.
Outcome<LevelSources> level_sources(const LevelOptions& options, const std::string& data);
// Of the server at an address of an API, whose signers' chains end in `root`; it may be empty.
Outcome<LevelSources> level_sources(const LevelOptions& options,
                                    const std::string& url,
                                    const cloudsign::Bytes& root);

// Raises the PDF where it lies, durably at each step; what it has reached is not lost whatever
// fails. `renew`: where it is at B-LTA already, once more.
enum class AtTop { stay, renew };
Outcome<cloudsign::evidence::Raised> raise_file(const std::filesystem::path& file,
                                                Level target,
                                                AtTop at_top,
                                                const LevelSources& sources);

// What the file has reached; nothing is asked of anybody.
Outcome<cloudsign::evidence::Raised> look_at_file(const std::filesystem::path& file,
                                                  const LevelSources& sources);

// Says on standard error what is missing, and answers the exit code.
int tell_missed(const cloudsign::evidence::Raised& raised);

// `level`, and where they are there `missed`, `left` and `renew_before`.
void put_level(boost::json::object& out, const cloudsign::evidence::Raised& raised);

}  // namespace server::cli
