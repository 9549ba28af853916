#include "server/cli/bringup/line_watch.h"

#include <gtest/gtest.h>

#include "firmware/hal/panic.h"
#include "hsm/base/byte_writer.h"
#include "hsm/client/frame_host.h"
#include "hsm/protocol/port_message.h"

namespace server::cli::bringup {
namespace {

namespace wire = hsm::protocol;
using firmware::hal::PanicCause;
using hsm::Byte;
using hsm::Bytes;
using wire::FrameType;

Bytes frame(FrameType type, std::uint8_t stream, const Bytes& payload) {
    const auto start = wire::encode_frame_head({type, stream, 0}, payload.size());
    const auto tail = wire::encode_frame_tail(start, payload);
    Bytes bytes(start.size() + payload.size() + tail.size());
    hsm::ByteWriter writer(bytes);
    writer.bytes(start);
    writer.bytes(payload);
    writer.bytes(tail);
    return bytes;
}

Bytes restart(PanicCause cause, std::uint32_t detail) {
    Bytes payload(wire::restart_payload_size);
    hsm::ByteWriter writer(payload);
    writer.u32(static_cast<std::uint32_t>(cause));
    writer.u32(detail);
    return frame(FrameType::reset, 0, payload);
}

Bytes text(std::string_view words) {
    const auto bytes = hsm::view_of(words);
    return {bytes.begin(), bytes.end()};
}

TEST(LineWatch, HearsNobodyInSilence) {
    EXPECT_EQ(Speaker::nobody, LineWatch().speaker());
}

TEST(LineWatch, KnowsAModuleByItsHello) {
    LineWatch watch;

    watch.received(text("boot\r\n"));
    watch.received(frame(FrameType::hello, 1, {wire::frame_version}));

    EXPECT_EQ(Speaker::module, watch.speaker());
    EXPECT_FALSE(watch.end().has_value());
}

TEST(LineWatch, KnowsAModuleThatFailsAtEachStartAndWhy) {
    LineWatch watch;
    const auto corrupt = static_cast<std::uint32_t>(hsm::Status::storage_corrupt);
    for (int i = 0; i < 3; ++i) {
        for (const auto byte : restart(PanicCause::start_failed, corrupt)) {
            watch.received({&byte, 1});
        }
    }

    EXPECT_EQ(Speaker::failing, watch.speaker());
    EXPECT_EQ(3u, watch.starts());
    EXPECT_NE(std::string::npos, end_text(*watch.end()).find("storage_corrupt"));
}

TEST(LineWatch, ForgivesAFailedStartToAModuleThatAnswers) {
    LineWatch watch;

    watch.received(restart(PanicCause::fault, 0x1000));
    watch.received(frame(FrameType::hello, 1, {wire::frame_version}));

    EXPECT_EQ(Speaker::module, watch.speaker());
    EXPECT_EQ((End{2, 0x1000}), *watch.end());
}

TEST(LineWatch, KnowsAPortImageByItsAnswerAlone) {
    LineWatch watch;
    Bytes answer(wire::port::size_prefix + wire::port::answer_head_size);
    hsm::ByteWriter writer(answer);
    writer.u16(wire::port::answer_head_size);
    writer.bytes(watch.port_question().subspan(wire::port::size_prefix));  // operation and tag
    writer.u32(static_cast<std::uint32_t>(hsm::Status::ok));

    // Whoever goes on when half of it is there finds the other half before the next answer.
    for (std::size_t i = 0; i < answer.size(); ++i) {
        EXPECT_NE(Speaker::port_image, watch.speaker());
        watch.received({&answer[i], 1});
    }

    EXPECT_EQ(Speaker::port_image, watch.speaker());
    EXPECT_FALSE(watch.port_image_started());
}

TEST(LineWatch, HearsAPortImageStartBeforeItAnswers) {
    LineWatch watch;
    Bytes hello(wire::port::size_prefix + wire::port::answer_head_size);
    hsm::ByteWriter writer(hello);
    writer.u16(wire::port::answer_head_size);
    writer.u16(0);  // operation and tag
    writer.u32(static_cast<std::uint32_t>(hsm::Status::ok));

    watch.received(hello);

    EXPECT_TRUE(watch.port_image_started());
    EXPECT_NE(Speaker::port_image, watch.speaker());
}

// A module's HELLO is byte for byte a host's.
TEST(LineWatch, TakesItsOwnGreetingComingBackForNoModule) {
    LineWatch watch;

    watch.received(watch.greeting());

    EXPECT_EQ(Speaker::echo, watch.speaker());
}

TEST(LineWatch, GreetsAsEveryHostDoes) {
    const LineWatch watch;
    hsm::client::FrameHost host;
    host.open(1, {});

    EXPECT_TRUE(hsm::equal(host.bytes_to_send(), watch.greeting()));
}

TEST(LineWatch, TellsTextFromNoise) {
    LineWatch talking;
    talking.received(text("\r\n\nU-Boot 2024.01\r\nDRAM: 1 GiB\r\n"));
    EXPECT_EQ(Speaker::text, talking.speaker());
    EXPECT_EQ("U-Boot 2024.01", talking.text());

    LineWatch noisy;
    Bytes noise;
    for (int i = 0; i < 200; ++i) {
        noise.push_back(static_cast<Byte>(i * 89));
    }
    noisy.received(noise);
    EXPECT_EQ(Speaker::noise, noisy.speaker());
}

// Whoever talks for ever costs no more memory than one who stops.
TEST(LineWatch, SurvivesMoreThanItKeeps) {
    LineWatch watch;
    const Bytes page(100'000, 'x');

    watch.received(page);
    watch.received(page);

    EXPECT_EQ(200'000u, watch.size());
    EXPECT_EQ(Speaker::text, watch.speaker());
    EXPECT_LT(watch.text().size(), 100u);
}

TEST(LineWatch, NamesTheCausesOfTheFirmware) {
    const auto words = [](PanicCause cause, std::uint32_t detail = 0) {
        return end_text({static_cast<std::uint32_t>(cause), detail});
    };
    EXPECT_EQ("nothing special", words(PanicCause::none));
    EXPECT_EQ("a broken invariant, line 12", words(PanicCause::check, 12));
    EXPECT_EQ("a loader that had nothing to start: image_missing",
              words(PanicCause::check, static_cast<std::uint32_t>(hsm::Status::image_missing)));
    EXPECT_EQ("a fault of the processor at 0x10006382", words(PanicCause::fault, 0x10006382));
    EXPECT_EQ("a smashed stack", words(PanicCause::stack_smashed));
    EXPECT_EQ("the watchdog", words(PanicCause::watchdog));
    EXPECT_EQ("the tamper switch", words(PanicCause::tamper));
    EXPECT_EQ("no memory left", words(PanicCause::out_of_memory));
    EXPECT_EQ("a start that failed: rng_failed",
              words(PanicCause::start_failed, static_cast<std::uint32_t>(hsm::Status::rng_failed)));
    EXPECT_EQ("cause 99", end_text({99, 0}));
}

}  // namespace
}  // namespace server::cli::bringup
