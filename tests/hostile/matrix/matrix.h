#pragma once

#include <random>

#include <gtest/gtest.h>

#include "tests/hostile/matrix/cbor_damage.h"
#include "tests/hostile/matrix/hostile_target.h"

namespace tests::hostile {

namespace wire = hsm::protocol;
using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::Status;
using support::Activation;
using support::AssertionForm;
using support::call;
using support::copy_of;
using support::encoded;
using support::es256;
using support::Hash;
using support::Holder;
using support::Passkey;
using support::People;
using support::Signing;
using support::Target;

using Statuses = std::vector<Status>;

// Everybody in the story, made once, and the count of what was tried.
class Matrix {
public:
    explicit Matrix(HostileTarget& target);

    HostileTarget& target;
    const People& people;
    const Holder& victim() const { return victim_; }
    const Holder& attacker() const { return attacker_; }  // enrolled like anybody else
    const Holder& issuer() const { return issuer_; }

    // A request that must be refused, with one of `expected`. Whatever comes, it holds no
    // signature. Not sent when the target wants a sample and this is not in it.
    void refused(const Target& module,
                 const std::string& name,
                 const Bytes& request,
                 const Statuses& expected);
    template <class Request>
    void refused(const Target& module,
                 const std::string& name,
                 const Request& request,
                 const Statuses& expected) {
        refused(module, name, encoded(request), expected);
    }

    // The same request undamaged: it signs, so that the refusals before were for their reason, and
    // none of them spent anything.
    void signs(const Target& module, const std::string& name, const wire::SignRequest& request);

    // A fresh activation, approved and signed: the module is in order.
    void control(const std::string& group);

    Signing approved(const Holder& holder,
                     std::size_t count = 1,
                     const wire::Algorithm& algorithm = es256);

    std::size_t cases() const { return cases_; }
    std::size_t sent() const { return sent_; }
    std::size_t signatures() const { return signatures_; }

private:
    std::mt19937_64 draw_;
    std::size_t cases_ = 0;
    std::size_t sent_ = 0;
    std::size_t signatures_ = 0;
    Holder victim_;
    Holder attacker_;
    Holder issuer_;
};

// Unwraps what must have worked for a group to mean anything.
template <class T>
T must(hsm::Result<T> result, const char* what) {
    if (!result) {
        ADD_FAILURE() << what << ": " << hsm::base::status_name(result.error());
        std::abort();
    }
    return *std::move(result);
}

// The groups of the matrix, one file each.
void assertion_cases(Matrix& matrix);
void client_data_cases(Matrix& matrix);
void activation_cases(Matrix& matrix);
void algorithm_cases(Matrix& matrix);
void blob_cases(Matrix& matrix);
void bind_cases(Matrix& matrix);
void rebind_cases(Matrix& matrix);
void issue_cases(Matrix& matrix);
void service_cases(Matrix& matrix);
void structure_cases(Matrix& matrix);
void time_cases(Matrix& matrix);

}  // namespace tests::hostile
