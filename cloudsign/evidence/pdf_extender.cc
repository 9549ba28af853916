#include "cloudsign/evidence/pdf_extender.h"

#include <algorithm>

#include "cloudsign/document/cms_contents.h"
#include "cloudsign/document/pdf_timestamp.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/revision/standing.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::evidence {
namespace {

using hsm::protocol::DigestAlgorithm;

// A step that changes nothing in what the file has reached must not be taken for ever.
constexpr int steps_max = 8;
// Most are 2 to 6 KB, with their certificates.
constexpr std::size_t token_room = 8 * 1024;

bool has_more(const ValidationData& data, const ValidationData& known) {
    const auto adds = [&](std::vector<Bytes> ValidationData::*values) {
        return std::ranges::any_of(data.*values, [&](const Bytes& value) {
            return std::ranges::find(known.*values, value) == (known.*values).end();
        });
    };
    return adds(&ValidationData::certificates) || adds(&ValidationData::ocsp_answers) ||
           adds(&ValidationData::lists);
}

void append(ValidationData& to, ValidationData from) {
    for (const auto values :
         {&ValidationData::certificates, &ValidationData::ocsp_answers, &ValidationData::lists}) {
        for (auto& value : from.*values) {
            if (std::ranges::find(to.*values, value) == (to.*values).end()) {
                (to.*values).push_back(std::move(value));
            }
        }
    }
}

std::int64_t end_of(const std::vector<Bytes>& chain) {
    auto end = std::numeric_limits<std::int64_t>::max();
    for (const auto& certificate : chain) {
        const auto facts = pki::read_certificate(certificate);
        end = std::min(end, facts ? facts->valid_to_ms : end);
    }
    return end;
}

}  // namespace

std::array<std::string_view, 4> PdfChange::applied_to(hsm::ByteView pdf) const {
    const auto text = hsm::text_of(pdf);
    return {text.substr(0, patch_at), patch, text.substr(patch_at + patch.size()), increment};
}

PdfExtender::PdfExtender(Stamp stamp, Fetch fetch, std::vector<Bytes> anchors, const Clock& clock)
    : stamp_(std::move(stamp)),
      collector_(std::move(fetch), clock),
      anchors_(std::move(anchors)),
      clock_(clock) {}

// An authority's tokens differ by some bytes: one that found no room tells how much the next needs.
Result<PdfChange> PdfExtender::add_timestamp(hsm::ByteView pdf) {
    PdfChange change;
    std::size_t room = token_room;
    while (true) {
        TRY_ASSIGN(const auto prepared, document::prepare_timestamp(pdf, room));
        TRY_ASSIGN(const auto token, stamp_(DigestAlgorithm::sha256, prepared.hash));
        if (token.size() <= room || room > token_room) {
            TRY_ASSIGN(change.increment, document::complete_timestamp(prepared, token));
            return change;
        }
        room = token.size() + token_room;
    }
}

// The last signature of the file takes the token into itself; one that others have covered since
// gets a document time-stamp, which EN 319 142-1 §6.3 takes for B-T as well.
Result<PdfChange> PdfExtender::prove_time(hsm::ByteView pdf, const PdfJudgement& judgement) {
    const auto& last = judgement.ours.back();
    if (last.place.end != pdf.size() || last.proof || last.has_timestamp) {
        return add_timestamp(pdf);
    }
    TRY_ASSIGN(const auto cms, document::CmsContents::read(last.place.contents));
    TRY_ASSIGN(const auto token,
               stamp_(DigestAlgorithm::sha256,
                      hsm::openssl::digest_of(cms.signature(), DigestAlgorithm::sha256)));
    auto contents = document::stamped_contents(last.place, token);
    if (!contents) {
        return add_timestamp(pdf);  // no room
    }
    PdfChange change;
    change.patch_at = last.place.place.contents;
    change.patch = *std::move(contents);
    return change;
}

Result<PdfChange> PdfExtender::add_evidence(hsm::ByteView pdf, const PdfJudgement& judgement) {
    std::map<Bytes, ValidationData> needed;
    for (const auto& one : judgement.ours) {
        const auto& proof = *one.proof;
        TRY_ASSIGN(auto data, collector_.collect(one.chain, judgement.known, proof.time_ms));
        TRY_ASSIGN(auto of_time, collector_.collect(proof.chain, judgement.known, proof.time_ms));
        append(data, std::move(of_time));
        needed.emplace(one.place.contents, std::move(data));
    }
    PdfChange change;
    TRY_ASSIGN(change.increment, document::add_validation_data(pdf, needed));
    return change;
}

Result<PdfChange> PdfExtender::step(hsm::ByteView pdf, const PdfJudgement& judgement) {
    switch (judgement.level) {
        case Level::b:
            return prove_time(pdf, judgement);
        case Level::t:
            return add_evidence(pdf, judgement);
        case Level::lt:
        case Level::lta:
            break;
    }
    return add_timestamp(pdf);
}

Raised PdfExtender::judged(const Result<PdfJudgement>& judgement) const {
    Raised raised;
    if (!judgement) {
        raised.missed = judgement.error();
        return raised;
    }
    raised.level = judgement->level;
    raised.left = judgement->others;
    if (judgement->level == Level::lta) {
        raised.renew_before_ms = end_of(judgement->stamps.back().proof.chain);
    }
    return raised;
}

// A time-stamp over what somebody has put behind a signature would make it look approved.
Result<PdfJudgement> PdfExtender::judge(hsm::ByteView pdf) const {
    TRY(revision::check_standing(pdf));
    return judge_pdf(pdf, anchors_, clock_.now_ms());
}

Raised PdfExtender::look(hsm::ByteView pdf) {
    return judged(judge(pdf));
}

Raised PdfExtender::raise(hsm::ByteView pdf, Level target, const Keep& keep) {
    Raised raised;
    for (int i = 0; i < steps_max; ++i) {
        // What is added on the way is our own.
        const auto judgement = i == 0 ? judge(pdf) : judge_pdf(pdf, anchors_, clock_.now_ms());
        raised = judged(judgement);
        if (!judgement || judgement->level >= target) {
            return raised;
        }
        const auto change = step(pdf, *judgement);
        if (!change) {
            raised.missed = change.error();
            raised.nowhere_to_ask = collector_.nowhere_to_ask();
            return raised;
        }
        const auto kept = keep(*change);
        if (!kept) {
            raised.missed = kept.error();
            return raised;
        }
        pdf = *kept;
    }
    raised.missed = Error{ErrorKind::internal, "the steps to the next level have no end"};
    return raised;
}

Result<std::optional<PdfChange>> PdfExtender::renewal_evidence(hsm::ByteView pdf,
                                                               const PdfJudgement& judgement) {
    const auto& last = judgement.stamps.back();
    const auto now_ms = clock_.now_ms();
    if (end_of(last.proof.chain) < now_ms) {
        return Error{ErrorKind::conflict,
                     "The certificate of the last time-stamp has ended: what it proves can no "
                     "longer be renewed."};
    }
    // Known answers of the time when it was made do for a verifier of that time, not of today.
    TRY_ASSIGN(auto data, collector_.collect(last.proof.chain, judgement.known, now_ms));
    if (!has_more(data, judgement.known)) {
        return std::optional<PdfChange>();
    }
    std::map<Bytes, ValidationData> needed;
    needed.emplace(last.place.contents, std::move(data));
    PdfChange change;
    TRY_ASSIGN(change.increment, document::add_validation_data(pdf, needed));
    return std::optional(std::move(change));
}

Result<void> PdfExtender::add_round(hsm::ByteView pdf,
                                    const PdfJudgement& judgement,
                                    const Keep& keep) {
    TRY_ASSIGN(const auto evidence, renewal_evidence(pdf, judgement));
    if (evidence) {
        TRY_ASSIGN(pdf, keep(*evidence));
    }
    TRY_ASSIGN(const auto stamp, add_timestamp(pdf));
    TRY(keep(stamp));
    return {};
}

Raised PdfExtender::renew(hsm::ByteView pdf, const Keep& keep) {
    const auto judgement = judge(pdf);
    if (!judgement || judgement->level != Level::lta) {
        return raise(pdf, Level::lta, keep);
    }
    auto kept = pdf;
    const auto added = add_round(pdf, *judgement, [&](const PdfChange& change) {
        auto next = keep(change);
        kept = next ? *next : kept;
        return next;
    });
    auto raised = judged(judge_pdf(kept, anchors_, clock_.now_ms()));
    if (!added) {
        raised.missed = added.error();
    }
    return raised;
}

}  // namespace cloudsign::evidence
