#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "firmware/engine/engine.h"

namespace tests::engine {

// A place at rest (token or vault) in a folder of its own, in which engines are opened, one after
// the other: SoftHSM allows one in a process.
class Site {
public:
    Site();
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;
    virtual ~Site();

    // A locked engine of the module with this name.
    virtual std::unique_ptr<firmware::engine::Engine> open(const std::string& module_name) = 0;

    hsm::ByteView secret() const { return hsm::view_of("0123456789abcdef0123456789abcdef"); }
    const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path folder_;
};

struct EngineKind {
    std::string name;
    std::unique_ptr<Site> (*make_site)();
};

inline void PrintTo(const EngineKind& kind, std::ostream* out) {
    *out << kind.name;
}

std::unique_ptr<Site> make_psa_site();
std::unique_ptr<Site> make_softhsm_site();

std::vector<EngineKind> engine_kinds();

}  // namespace tests::engine
