#include <filesystem>
#include <fstream>
#include <random>
#include <unistd.h>

#include <gtest/gtest.h>

#include "hsm/client/endpoint.h"
#include "hsm/client/psk.h"
#include "hsm/client/reply.h"
#include "hsm/client/session.h"
#include "hsm/protocol/message_reader.h"

namespace {

using hsm::Byte;
using hsm::ByteView;
using hsm::Status;
using hsm::client::Endpoint;
using hsm::client::load_psk;
using hsm::client::parse_endpoint;
using hsm::client::Reply;
using hsm::client::TcpAddress;
using hsm::client::UnixPath;
using hsm::protocol::GetInfoResponse;
using hsm::protocol::MessageReader;
using hsm::protocol::Role;

TEST(EndpointTest, ReadsPathsAndAddresses) {
    EXPECT_EQ(Endpoint(UnixPath{"/run/m.sock"}), *parse_endpoint("/run/m.sock"));
    EXPECT_EQ(Endpoint(UnixPath{"m.sock"}), *parse_endpoint("unix:m.sock"));
    EXPECT_EQ((Endpoint(TcpAddress{"127.0.0.1", 7000})), *parse_endpoint("127.0.0.1:7000"));
    EXPECT_EQ((Endpoint(TcpAddress{"host", 1})), *parse_endpoint("tcp:host:1"));
    EXPECT_EQ((Endpoint(TcpAddress{"::1", 65535})), *parse_endpoint("[::1]:65535"));
}

TEST(EndpointTest, IsWrittenAsItIsRead) {
    for (const auto* text : {"unix:/run/m.sock",
                             "tcp:host:1",
                             "tcp:[::1]:65535",
                             "serial:/dev/ttyACM0",
                             "uart+unix:run/board.sock"}) {
        EXPECT_EQ(text, hsm::client::text_of(*parse_endpoint(text)));
    }
    EXPECT_TRUE(is_socket(*parse_endpoint("tcp:host:1")));
    EXPECT_FALSE(is_socket(*parse_endpoint("serial:/dev/ttyACM0")));
}

TEST(EndpointTest, RefusesEverythingElse) {
    for (const auto* text : {"",
                             "unix:",
                             "host",
                             "host:",
                             ":1",
                             "host:0",
                             "host:65536",
                             "host:1x",
                             "::1:80",
                             "tcp:",
                             "host:-1"}) {
        EXPECT_FALSE(parse_endpoint(text)) << text;
    }
}

class PskFileTest : public testing::Test {
protected:
    PskFileTest() { std::filesystem::create_directories(folder_); }
    ~PskFileTest() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name) << text;
        return folder_ / name;
    }
    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("kyso-psk-" + std::to_string(::getpid()));
    const std::string digits_ = "00ff" + std::string(60, 'A');
};

TEST_F(PskFileTest, ReadsWhatTheFormatWrites) {
    hsm::Secret<32> secret;
    ASSERT_TRUE(secret.assign(std::vector<Byte>(32, 0x5e)));
    for (const auto role : {Role::server, Role::operating, Role::auditor}) {
        const auto text = hsm::protocol::format_psk_file(role, secret);

        const auto psk = load_psk(write("host-1.psk", std::string(hsm::text_of(text.reveal()))));

        ASSERT_TRUE(psk);
        EXPECT_EQ("host-1", psk->identity);
        EXPECT_EQ(role, psk->role);
        EXPECT_TRUE(hsm::equal(secret.reveal(), psk->secret.reveal()));
    }
}

TEST_F(PskFileTest, TakesUpperCaseAndNoLastNewline) {
    const auto psk = load_psk(write("h.psk", "role=operator\n" + digits_));

    ASSERT_TRUE(psk);
    EXPECT_EQ(0xff, psk->secret.reveal()[1]);
    EXPECT_EQ(0xaa, psk->secret.reveal()[31]);
}

TEST_F(PskFileTest, RefusesOtherContents) {
    for (const auto& text : {std::string(),
                             digits_,
                             "role=server" + digits_,
                             "role=servers\n" + digits_,
                             "role=\n" + digits_,
                             "role=server\n" + digits_ + "0",
                             "role=server\n" + digits_.substr(1),
                             "role=server\n" + digits_.substr(1) + "g",
                             "role=server\n\n" + digits_,
                             "role=server\n" + digits_ + "\n\n",
                             "role=server\n" + digits_ + std::string(200, ' ')}) {
        EXPECT_EQ(Status::malformed, load_psk(write("h.psk", text)).error()) << text;
    }
    EXPECT_EQ(Status::malformed, load_psk(write("h.txt", "role=server\n" + digits_)).error());
    EXPECT_EQ(Status::malformed, load_psk(write("h h.psk", "role=server\n" + digits_)).error());
    EXPECT_EQ(Status::io_failed, load_psk(folder_ / "none.psk").error());
}

TEST(ReplyTest, OwnsWhatItsViewsShow) {
    GetInfoResponse response;
    response.engine = "psa";
    std::array<Byte, hsm::protocol::message_size_max> buffer;
    const auto message = hsm::protocol::encode_response(7, response, buffer);

    auto reply = Reply<GetInfoResponse>::from(std::vector<Byte>(message->begin(), message->end()));
    buffer.fill(0);
    ASSERT_TRUE(reply);
    const auto moved = *std::move(reply);

    EXPECT_EQ("psa", moved->engine);
}

TEST(ReplyTest, IsTheModulesRefusalOrNothing) {
    std::array<Byte, 64> buffer;
    const auto refusal = hsm::protocol::encode_refusal(7, Status::busy, buffer);
    const auto from = [](ByteView bytes) {
        return Reply<GetInfoResponse>::from(std::vector<Byte>(bytes.begin(), bytes.end())).error();
    };

    EXPECT_EQ(Status::busy, from(*refusal));
    const Byte unknown_status[] = {0x83, 0x07, 0x19, 0x99, 0x99, 0xa0};
    EXPECT_EQ(Status::response_wrong, from(unknown_status));
    const Byte ok_without_body[] = {0x83, 0x07, 0x19, 0x5a, 0x3c, 0xa0};
    EXPECT_EQ(Status::response_wrong, from(ok_without_body));
    EXPECT_EQ(Status::response_wrong, from({}));
}

TEST(MessageReaderTest, CutsAStreamHoweverItComes) {
    std::mt19937 random(1);
    std::vector<std::vector<Byte>> sent;
    std::vector<Byte> stream;
    for (const std::size_t size : {1u, 2u, 300u, 8192u, 5u}) {
        sent.emplace_back(size, static_cast<Byte>(size));
        stream.push_back(static_cast<Byte>(size >> 8));
        stream.push_back(static_cast<Byte>(size));
        stream.insert(stream.end(), sent.back().begin(), sent.back().end());
    }
    for (int round = 0; round < 50; ++round) {
        MessageReader reader;
        std::vector<std::vector<Byte>> got;
        ByteView rest = stream;
        while (!rest.empty()) {
            const auto space = reader.wanted();
            ASSERT_FALSE(space.empty());
            const auto part = rest.first(std::min<std::size_t>(
                {rest.size(), space.size(), round == 0 ? 1 : 1 + random() % 700}));
            std::ranges::copy(part, space.begin());
            ASSERT_TRUE(reader.received(part.size()));
            rest = rest.subspan(part.size());
            if (const auto message = reader.message()) {
                got.emplace_back(message->begin(), message->end());
                reader.next();
            }
        }
        EXPECT_EQ(sent, got);
        EXPECT_FALSE(reader.in_message());
    }
}

TEST(MessageReaderTest, RefusesEmptyAndLongMessages) {
    const auto refused = [](Byte high, Byte low) {
        MessageReader reader;
        reader.wanted()[0] = high;
        reader.wanted()[1] = low;
        const auto received = reader.received(2);
        return received ? Status::ok : received.error();
    };

    EXPECT_EQ(Status::malformed, refused(0, 0));
    EXPECT_EQ(Status::message_too_large, refused(0x20, 0x01));
    EXPECT_EQ(Status::ok, refused(0x20, 0x00));
}

TEST(SessionTest, SaysWhenNobodyListens) {
    const auto nowhere = hsm::client::Session::connect(
        UnixPath{"/nowhere/at/all"}, {}, hsm::client::after(std::chrono::seconds(1)));
    const auto closed_port = hsm::client::Session::connect(
        TcpAddress{"127.0.0.1", 1}, {}, hsm::client::after(std::chrono::seconds(5)));
    const auto long_path = hsm::client::Session::connect(
        UnixPath{std::string(200, 'x')}, {}, hsm::client::after(std::chrono::seconds(1)));

    EXPECT_EQ(Status::link_refused, nowhere.error());
    EXPECT_EQ(Status::link_refused, closed_port.error());
    EXPECT_EQ(Status::malformed, long_path.error());
}

}  // namespace
