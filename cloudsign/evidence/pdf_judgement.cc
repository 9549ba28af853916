#include "cloudsign/evidence/pdf_judgement.h"

#include <algorithm>

#include "cloudsign/document/cms_contents.h"
#include "cloudsign/evidence/status_collector.h"
#include "cloudsign/pki/chain.h"
#include "cloudsign/pki/timestamp_token.h"

namespace cloudsign::evidence {
namespace {

using document::CmsContents;
using document::PdfSigned;
using document::SecurityStore;

constexpr std::string_view names[] = {"B-B", "B-T", "B-LT", "B-LTA"};

Result<Proof> proof_of(const Bytes& token,
                       std::span<const hsm::ByteView> message,
                       const std::vector<Bytes>& anchors) {
    TRY_ASSIGN(const auto stamped, pki::check_timestamp_token(token, message, anchors));
    Proof proof;
    proof.time_ms = stamped.time_ms;
    TRY_ASSIGN(proof.chain,
               pki::find_chain(stamped.signer, stamped.certificates, anchors, stamped.time_ms));
    return proof;
}

Result<Proof> judge_timestamp(hsm::ByteView pdf,
                              const PdfSigned& place,
                              const std::vector<Bytes>& anchors) {
    const auto token = document::der_object(place.contents);
    const hsm::ByteView covered[] = {
        pdf.first(place.place.contents),
        pdf.subspan(place.place.behind, place.end - place.place.behind)};
    return proof_of(bytes_of(token), covered, anchors);
}

class Judge {
public:
    Judge(hsm::ByteView pdf, const std::vector<Bytes>& anchors, std::int64_t now_ms)
        : pdf_(pdf), anchors_(anchors), now_ms_(now_ms) {}

    Result<PdfJudgement> judge() {
        TRY_ASSIGN(auto places, document::read_signatures(pdf_));
        if (places.empty()) {
            return Error{ErrorKind::invalid,
                         "The PDF is not signed: there is no signature to be raised."};
        }
        for (const auto& place : places) {
            if (place.is_timestamp) {
                auto proof = judge_timestamp(pdf_, place, anchors_);
                if (proof) {
                    judgement_.stamps.push_back({place, *std::move(proof)});
                } else {
                    leave(place, proof.error());
                }
            }
        }
        for (auto& place : places) {
            if (!place.is_timestamp) {
                TRY(judge_signature(std::move(place)));
            }
        }
        if (judgement_.ours.empty()) {
            return Error{ErrorKind::invalid, nothing_of_ours()};
        }
        TRY_ASSIGN(auto store, document::read_security_store(pdf_));
        TRY_ASSIGN(judgement_.level, level_with(store));
        judgement_.known = std::move(store.data);
        return std::move(judgement_);
    }

private:
    void leave(const PdfSigned& place, const Error& error) {
        judgement_.others.push_back(place.field + ": " + error.detail);
    }

    std::string nothing_of_ours() const {
        std::string text = "The PDF has no signature of an authority that is trusted here.";
        for (const auto& other : judgement_.others) {
            text += " " + other + ".";
        }
        return text;
    }

    // In its CMS, or of a document time-stamp over it.
    std::optional<Proof> time_of(const PdfSigned& place, const CmsContents& cms) const {
        if (!cms.timestamp().empty()) {
            const hsm::ByteView message[] = {cms.signature()};
            auto proof = proof_of(cms.timestamp(), message, anchors_);
            if (proof) {
                return *std::move(proof);
            }
        }
        for (const auto& stamp : judgement_.stamps) {
            if (stamp.place.end > place.end) {
                return stamp.proof;
            }
        }
        return std::nullopt;
    }

    Result<void> judge_signature(PdfSigned place) {
        const auto cms = CmsContents::read(place.contents);
        if (!cms) {
            leave(place, cms.error());
            return {};
        }
        JudgedSignature judged;
        judged.proof = time_of(place, *cms);
        judged.has_timestamp = !cms->timestamp().empty();
        auto chain = pki::find_chain(cms->signer(),
                                     cms->certificates(),
                                     anchors_,
                                     judged.proof ? judged.proof->time_ms : now_ms_);
        if (!chain) {
            leave(place, chain.error());
            return {};
        }
        judged.chain = *std::move(chain);
        const auto stands =
            cms->check(document::hash_around(place.revision(pdf_), place.place, cms->digest()));
        if (!stands) {
            return Error{ErrorKind::invalid,
                         "The signature \"" + place.field +
                             "\" does not stand: " + stands.error().detail + "."};
        }
        judged.place = std::move(place);
        judgement_.ours.push_back(std::move(judged));
        return {};
    }

    Result<Level> level_with(const SecurityStore& store) const {
        const auto& ours = judgement_.ours;
        if (!std::ranges::all_of(ours, [](const auto& one) { return one.proof.has_value(); })) {
            return Level::b;
        }
        if (!has_evidence(store)) {
            return Level::t;
        }
        if (judgement_.stamps.empty()) {
            return Level::lt;
        }
        const auto& last = judgement_.stamps.back().place;
        if (std::ranges::any_of(ours, [&](const auto& one) { return one.place.end > last.end; })) {
            return Level::lt;
        }
        // What the last time-stamp covers is what it proves.
        TRY_ASSIGN(const auto then, document::read_security_store(last.revision(pdf_)));
        return has_evidence(then) ? Level::lta : Level::lt;
    }

    bool has_evidence(const SecurityStore& store) const {
        return std::ranges::all_of(judgement_.ours, [&](const JudgedSignature& one) {
            const auto& proof = *one.proof;
            return store.has_entry(one.place.contents) &&
                   find_status(one.chain, store.data, proof.time_ms) &&
                   find_status(proof.chain, store.data, proof.time_ms);
        });
    }

    hsm::ByteView pdf_;
    const std::vector<Bytes>& anchors_;
    std::int64_t now_ms_;
    PdfJudgement judgement_;
};

}  // namespace

std::string_view level_name(Level level) {
    return names[static_cast<std::size_t>(level)];
}

std::optional<Level> level_named(std::string_view name) {
    const auto* found = std::ranges::find(names, name);
    return found == std::end(names) ? std::nullopt
                                    : std::optional(static_cast<Level>(found - names));
}

Result<PdfJudgement> judge_pdf(hsm::ByteView pdf,
                               const std::vector<Bytes>& anchors,
                               std::int64_t now_ms) {
    return Judge(pdf, anchors, now_ms).judge();
}

}  // namespace cloudsign::evidence
