#include "tests/hostile/matrix/matrix.h"

namespace tests::hostile {
namespace {

void expiry(Matrix& matrix) {
    const auto& module = matrix.target.first.send;
    constexpr std::uint64_t short_life_ms = 200;
    std::vector<Signing> all;
    for (const std::size_t count : {1, 2, 5}) {
        all.push_back(must(support::approved_signing(
                               module, matrix.people, matrix.victim(), count, es256, short_life_ms),
                           "open"));
    }
    matrix.target.let_expire(short_life_ms);
    for (const auto& signing : all) {
        for (std::uint32_t leaf = 0; leaf < signing.hashes.size(); ++leaf) {
            matrix.refused(module,
                           "an expired activation",
                           signing.request(leaf),
                           {Status::activation_expired});
        }
    }
}

void restart(Matrix& matrix) {
    auto& first = matrix.target.first;
    const auto open = matrix.approved(matrix.victim());
    auto half_spent = matrix.approved(matrix.victim(), 3);
    const auto spent = matrix.approved(matrix.victim());
    matrix.signs(first.send, "before the restart", spent.request());
    matrix.signs(first.send, "one of three before the restart", half_spent.request(1));

    first.stop();
    first.start();

    matrix.refused(first.send,
                   "an approval of before the restart",
                   open.request(),
                   {Status::activation_mac_wrong});
    matrix.refused(first.send,
                   "a spent approval of before the restart",
                   spent.request(),
                   {Status::activation_mac_wrong});
    for (const std::uint32_t leaf : {0u, 1u, 2u}) {
        matrix.refused(first.send,
                       "a batch of before the restart",
                       half_spent.request(leaf),
                       {Status::activation_mac_wrong});
    }
    // What was signed is there, word for word, and is not signed again.
    const auto result = call(first.send, wire::GetResultRequest{spent.activation.challenge, 0});
    EXPECT_TRUE(result) << hsm::base::status_name(result.error());
    matrix.refused(first.send,
                   "the result of what was not signed",
                   wire::GetResultRequest{open.activation.challenge, 0},
                   {Status::no_such_result});
}

// The file of the day before is put back while the module is down. THREAT_MODEL.md says what of
// that a module cannot see; no approval survives it.
void old_store(Matrix& matrix) {
    auto& first = matrix.target.first;
    const auto image = first.store_file.string() + ".kept";
    const auto open = matrix.approved(matrix.victim());
    first.stop();
    std::filesystem::copy_file(
        first.store_file, image, std::filesystem::copy_options::overwrite_existing);
    first.start();

    const auto approved = matrix.approved(matrix.victim());
    const auto signed_later = matrix.approved(matrix.victim());
    const auto reply = call(first.send, signed_later.request());
    EXPECT_TRUE(reply);
    const auto log_before = support::export_log(first.send);

    first.stop();
    std::filesystem::copy_file(
        image, first.store_file, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(image);
    first.start();

    matrix.refused(first.send,
                   "an approval of before the image",
                   open.request(),
                   {Status::activation_mac_wrong});
    matrix.refused(first.send,
                   "an approval that the image does not know",
                   approved.request(),
                   {Status::activation_mac_wrong});
    matrix.refused(first.send,
                   "a spent approval that the image does not know",
                   signed_later.request(),
                   {Status::activation_mac_wrong});
    matrix.refused(first.send,
                   "the result that the image has forgotten",
                   wire::GetResultRequest{signed_later.activation.challenge, 0},
                   {Status::no_such_result});
    // Whoever has exported the log sees the fork as soon as the module does anything: an index that
    // was given before, with another record.
    matrix.signs(first.send, "after the image", matrix.approved(matrix.victim()).request());
    const auto log_after = support::export_log(first.send);
    ASSERT_LE(log_after.size(), log_before.size());
    EXPECT_NE(log_after.back(), log_before[log_after.size() - 1]);
}

}  // namespace

void time_cases(Matrix& matrix) {
    expiry(matrix);
    restart(matrix);
    old_store(matrix);
}

}  // namespace tests::hostile
