#include "tests/hostile/matrix/matrix.h"

namespace tests::hostile {

Matrix::Matrix(HostileTarget& hostile_target)
    : target(hostile_target),
      people(hostile_target.people),
      draw_(hostile_target.seed),
      victim_(must(support::enrol(target.first.send, people), "enrol the victim")),
      attacker_(must(support::enrol(target.first.send, people), "enrol the attacker")),
      issuer_(must(
          support::enrol(target.first.send, people, wire::KeyType::p256, wire::KeyKind::issuer),
          "enrol the issuer")) {}

void Matrix::refused(const Target& module,
                     const std::string& name,
                     const Bytes& request,
                     const Statuses& expected) {
    ++cases_;
    if (draw_() % target.one_in != 0) {
        return;
    }
    ++sent_;
    const auto response = module(request);
    const auto status = support::status_of(response);
    if (std::ranges::find(expected, status) == expected.end()) {
        std::string wanted;
        for (const auto one : expected) {
            wanted += std::string(hsm::base::status_name(one)) + ' ';
        }
        ADD_FAILURE() << name << ": answered " << hsm::base::status_name(status) << ", wanted "
                      << wanted;
    }
    EXPECT_FALSE(wire::decode_response_body<wire::SignResponse>(response)) << name;
}

void Matrix::signs(const Target& module,
                   const std::string& name,
                   const wire::SignRequest& request) {
    const auto reply = call(module, request);
    ASSERT_TRUE(reply) << name << ": " << hsm::base::status_name(reply.error());
    EXPECT_FALSE((*reply)->signature.empty()) << name;
    ++signatures_;
}

void Matrix::control(const std::string& group) {
    const auto signing = approved(victim_);
    signs(target.first.send, group, signing.request());
}

Signing Matrix::approved(const Holder& holder,
                         std::size_t count,
                         const wire::Algorithm& algorithm) {
    // A group of cases takes a quarter of an hour on an emulated board.
    return must(support::approved_signing(
                    target.first.send, people, holder, count, algorithm, wire::lifetime_ms_max),
                "open and approve");
}

void run_hostile_matrix(HostileTarget& target) {
    Matrix matrix(target);
    constexpr struct {
        const char* name;
        void (*run)(Matrix&);
    } groups[] = {
        {"assertion", assertion_cases},
        {"client data", client_data_cases},
        {"activation", activation_cases},
        {"algorithm", algorithm_cases},
        {"blob", blob_cases},
        {"bind", bind_cases},
        {"issue", issue_cases},
        {"service", service_cases},
        {"rebind", rebind_cases},
        {"structure", structure_cases},
        {"time", time_cases},
    };
    for (const auto& group : groups) {
        const auto before = matrix.cases();
        matrix.control(std::string("before ") + group.name);
        group.run(matrix);
        matrix.control(std::string("after ") + group.name);
        std::cout << target.name << ": " << group.name << ": " << matrix.cases() - before
                  << " cases\n";
    }
    // The modules' own logs agree: what was signed is what the controls asked for.
    EXPECT_EQ(support::count_signatures(target.first.send) +
                  support::count_signatures(target.second.send),
              matrix.signatures());
    EXPECT_GE(matrix.cases(), 5000u);
    std::cout << target.name << ": " << matrix.sent() << " of " << matrix.cases()
              << " hostile cases (seed " << target.seed << "), " << matrix.signatures()
              << " controls signed\n";
}

}  // namespace tests::hostile
