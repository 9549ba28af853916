#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/evidence/pdf_judgement.h"
#include "server/api/context.h"

// conformance_level of signDoc: what proves a signature later.
namespace server::api::csc {

using cloudsign::evidence::Level;

// As the specification spells it: "Ades-B-LT".
std::string conformance_level(Level level);
// In ETSI's spelling too; none for others.
std::optional<Level> conformance_level_named(std::string_view name);

// Raises signatures that are made, one call of signDoc after another of its documents. A service
// that fails costs a level and never the signature; it is asked once for all of a call. Blocks:
// from pool threads.
class DocumentLevels {
public:
    // `chain`: of the signer, leaf first.
    DocumentLevels(Context& context, const std::vector<cloudsign::Bytes>& chain)
        : context_(context), chain_(chain) {}

    // The CMS with a time-stamp in it; none when there is none to be had, or it would be larger
    // than `size_max`.
    std::optional<cloudsign::Bytes> stamped(const cloudsign::Bytes& cms, std::size_t size_max);

    // Raises the PDF in place as far as it goes towards `target`; answers what it is then.
    Level raise(cloudsign::Bytes& pdf, Level target);

private:
    cloudsign::Result<cloudsign::Bytes> stamp(hsm::protocol::DigestAlgorithm digest,
                                              const cloudsign::Bytes& hash);
    void missed(const cloudsign::Error& error);

    Context& context_;
    const std::vector<cloudsign::Bytes>& chain_;
    bool has_failed_ = false;
};

}  // namespace server::api::csc
