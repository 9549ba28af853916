#pragma once

#include "firmware/app/module.h"
#include "firmware/hal/board.h"
#include "hsm/protocol/port_message.h"

namespace firmware::port {

using hsm::protocol::port::message_size_max;
using hsm::protocol::port::Operation;
using hsm::protocol::port::Question;

// The module to be measured: made at the first question for it, since it formats the flash.
class LateModule {
public:
    virtual app::Module& get() = 0;

protected:
    ~LateModule() = default;
};

// The port image's loop: message.h, one question after the other.
class Service {
public:
    Service(hal::Board& board, LateModule& module) : board_(board), module_(module) {}

    // For ever.
    [[noreturn]] void run();

private:
    bool receive();
    void answer_one();
    void send(const Question& question, hsm::Status status, hsm::ByteView fields);
    hsm::Result<void> answer(Question& question, hsm::ByteWriter& fields);
    hsm::Result<void> answer_board(Question& question, hsm::ByteWriter& fields);
    void hello(hsm::ByteWriter& fields);
    hsm::Result<void> burst(const Question& question, hsm::ByteWriter& fields);
    [[noreturn]] void hang(const Question& question);
    hsm::Result<void> module(Question& question, hsm::ByteWriter& fields);

    hal::Board& board_;
    LateModule& module_;
    bool module_used_ = false;
    std::uint32_t ticks_ = 0;  // of the question that is being answered
    std::size_t size_ = 0;
    std::array<hsm::Byte, message_size_max> received_{};
    std::array<hsm::Byte, message_size_max> fields_{};
};

}  // namespace firmware::port
