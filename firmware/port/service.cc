#include "firmware/port/service.h"

#include "firmware/engine/psa/counted_calls.h"
#include "firmware/port/counter.h"
#include "firmware/port/raw_operations.h"
#include "firmware/port/suite.h"
#include "hsm/base/crc32c.h"

namespace firmware::port {

using hsm::Byte;
using hsm::ByteReader;
using hsm::ByteView;
using hsm::ByteWriter;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::port::answer_head_size;
using hsm::protocol::port::burst_size;
using hsm::protocol::port::hang_period_ms;
using hsm::protocol::port::put_field;
using hsm::protocol::port::question_pause_max_ms;
using hsm::protocol::port::size_prefix;
using hsm::protocol::port::take_field;

namespace {

constexpr std::uint64_t deaf_ms = 100;
constexpr std::uint64_t burst_time_ms = 10'000;

template <class T>
void put_number(ByteWriter& fields, T value) {
    std::array<Byte, sizeof(T)> encoded{};
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        encoded[sizeof(T) - 1 - i] = static_cast<Byte>(value >> (8 * i));
    }
    put_field(fields, encoded);
}

}  // namespace

void Service::run() {
    ByteWriter fields(fields_);
    hello(fields);
    send({Operation::hello, 0, ByteReader({})}, Status::ok, fields.written());
    std::size_t size_before = 0;
    std::uint64_t grown_at = 0;
    for (;;) {
        board_.watchdog.feed();
        if (receive()) {
            answer_one();
            continue;
        }
        if (size_ != size_before) {
            size_before = size_;
            grown_at = board_.clock.tick_ms();
        } else if (board_.clock.tick_ms() - grown_at > question_pause_max_ms) {
            size_ = 0;
        }
        if (!module_used_ || module_.get().work() != app::Work::more) {
            board_.link.wait();
        }
    }
}

// True when a question is whole.
bool Service::receive() {
    const auto wanted = [&] {
        if (size_ < size_prefix) {
            return size_prefix;
        }
        const std::size_t rest = received_[0] << 8 | received_[1];
        return size_prefix + rest;
    };
    while (size_ < wanted()) {
        if (wanted() > received_.size() || (size_ >= size_prefix && wanted() < 4)) {
            size_ = 0;  // no question of ours
            return false;
        }
        const auto got =
            board_.link.receive(MutableBytes(received_).subspan(size_, wanted() - size_));
        if (got == 0) {
            return false;
        }
        size_ += got;
    }
    return true;
}

void Service::answer_one() {
    Question question{static_cast<Operation>(received_[2]),
                      received_[3],
                      ByteReader(ByteView(received_).first(size_).subspan(4))};
    size_ = 0;
    if (question.operation == Operation::hang) {
        hang(question);
    }
    ByteWriter fields(fields_);
    engine::psa::counted_calls() = {};
    const auto begun = ticks();
    ticks_ = 0;
    const auto answered = answer(question, fields);
    if (ticks_ == 0) {
        ticks_ = ticks() - begun;
    }
    const auto status = answered ? Status::ok : answered.error();
    send(question, status, answered ? fields.written() : ByteView{});
}

void Service::send(const Question& question, Status status, ByteView fields) {
    std::array<Byte, size_prefix + answer_head_size> head;
    ByteWriter writer(head);
    writer.u16(static_cast<std::uint16_t>(answer_head_size + fields.size()));
    writer.u8(static_cast<std::uint8_t>(question.operation));
    writer.u8(question.tag);
    writer.u32(static_cast<std::uint32_t>(status));
    writer.u32(ticks_);
    board_.link.send(writer.written());
    board_.link.send(fields);
}

Result<void> Service::answer(Question& question, ByteWriter& fields) {
    switch (question.operation) {
        case Operation::hello:
        case Operation::check:
        case Operation::clock:
        case Operation::inputs:
            return answer_board(question, fields);
        case Operation::burst:
            return burst(question, fields);
        case Operation::module:
            return module(question, fields);
        default:
            return answer_raw(question, fields);
    }
}

Result<void> Service::answer_board(Question& question, ByteWriter& fields) {
    if (question.operation == Operation::hello) {
        hello(fields);
    } else if (question.operation == Operation::clock) {
        put_number(fields, board_.clock.tick_ms());
    } else if (question.operation == Operation::inputs) {
        put_number(fields, static_cast<std::uint8_t>(board_.presence.pressed()));
        put_number(fields, static_cast<std::uint8_t>(board_.tamper.tampered()));
    } else {
        TRY_ASSIGN(const auto number, take_field(question.fields));
        if (number.size() != 1 || number[0] >= checks().size()) {
            return Status::malformed;
        }
        const auto& check = checks()[number[0]];
        put_field(fields, hsm::view_of(check.name));
        put_field(fields, hsm::view_of(check.run(board_)));
    }
    return {};
}

void Service::hello(ByteWriter& fields) {
    put_field(fields, hsm::view_of(board_.name));
    put_field(fields, board_.unique_id.unique_id());
    put_number(fields, static_cast<std::uint8_t>(checks().size()));
    put_number(fields, ticks_hz());
    put_number(fields, static_cast<std::uint8_t>(hal::last_panic().cause));
}

// Erases meanwhile: on a chip that executes from the same flash, that is when bytes get lost.
Result<void> Service::burst(const Question& question, ByteWriter& fields) {
    send(question, Status::ok, {});
    const auto begun = board_.clock.tick_ms();
    do {
        TRY(board_.flash.erase(board_.flash.geometry().sector_count - 1));
    } while (board_.clock.tick_ms() - begun < deaf_ms);
    std::array<Byte, 64> piece;
    std::uint32_t crc = 0;
    for (std::size_t left = burst_size; left != 0;) {
        const auto got =
            board_.link.receive(MutableBytes(piece).first(std::min(left, piece.size())));
        if (got == 0) {
            board_.link.wait();
        }
        crc = hsm::crc32c(crc, ByteView(piece).first(got));
        left -= got;
        if (board_.clock.tick_ms() - begun > burst_time_ms) {
            return Status::malformed;
        }
    }
    put_number(fields, crc);
    return {};
}

void Service::hang(const Question& question) {
    board_.watchdog.start(hang_period_ms);
    send(question, Status::ok, {});
    for (;;) {
        board_.link.wait();
    }
}

Result<void> Service::module(Question& question, ByteWriter& fields) {
    TRY_ASSIGN(const auto role, take_field(question.fields));
    TRY_ASSIGN(const auto request, take_field(question.fields));
    if (role.size() != 1) {
        return Status::malformed;
    }
    auto& module = module_.get();
    module_used_ = true;
    const auto response = output_space().first(hsm::protocol::message_size_max);

    engine::psa::counted_calls() = {};
    const auto begun = ticks();
    auto answer = module.handle(request, static_cast<hsm::protocol::Role>(role[0]), response);
    if (answer.durability == app::Durability::sync && !module.sync()) {
        answer.size = app::Module::replace_held(response, response);
    }
    ticks_ = ticks() - begun;
    const auto calls = engine::psa::counted_calls();

    put_field(fields, ByteView(response).first(answer.size));
    put_number(fields, calls.sign);
    put_number(fields, calls.sign_ticks);
    put_number(fields, calls.verify);
    put_number(fields, calls.verify_ticks);
    return {};
}

}  // namespace firmware::port
