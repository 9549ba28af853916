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
    // Why a document is at less than was wanted.
    struct Miss {
        cloudsign::Error error;
        // It is the document's own fault, or its certificates name nowhere to ask: no later
        // attempt helps.
        bool is_hopeless = false;
    };

    // Whether an authority that has not answered others lately is asked, too.
    enum class Asks { whenever, if_it_answers };

    // `anchor`: the certificate that the signer's chain ends in.
    DocumentLevels(Context& context, const cloudsign::Bytes& anchor, Asks asks)
        : context_(context), anchor_(anchor), asks_(asks) {}

    // The CMS with a time-stamp in it; none when there is none to be had, or it would be larger
    // than `size_max`.
    std::optional<cloudsign::Bytes> stamped(const cloudsign::Bytes& cms, std::size_t size_max);

    // Raises the PDF in place as far as it goes towards `target`; answers what it is then.
    Level raise(cloudsign::Bytes& pdf, Level target);

    // Of the last document; a service that has failed before counts for it, too.
    const std::optional<Miss>& missed() const { return missed_; }

    const cloudsign::Bytes& anchor() const { return anchor_; }

private:
    // Before each document; false when there is nothing to wait for, and missed() says why.
    bool begin();
    Level raise_there(cloudsign::Bytes& pdf, Level target);
    std::optional<cloudsign::Bytes> stamp_there(const cloudsign::Bytes& cms);
    cloudsign::Result<cloudsign::Bytes> stamp(hsm::protocol::DigestAlgorithm digest,
                                              const cloudsign::Bytes& hash);

    Context& context_;
    const cloudsign::Bytes& anchor_;
    const Asks asks_;
    std::optional<Miss> missed_;
};

}  // namespace server::api::csc
