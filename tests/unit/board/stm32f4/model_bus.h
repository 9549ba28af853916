#pragma once

#include <cstdint>

// The bus that drivers of board/stm32f4 are given on the host: it hands everything to a model of
// the peripheral, written from RM0090 and not from the driver.
namespace board::stm32f4 {

class PeripheralModel {
public:
    virtual ~PeripheralModel() = default;
    virtual std::uint32_t read(std::uintptr_t address) = 0;
    virtual void write(std::uintptr_t address, std::uint32_t value) = 0;
};

struct ModelBus {
    PeripheralModel* model = nullptr;

    std::uint32_t read(std::uintptr_t address) { return model->read(address); }
    void write(std::uintptr_t address, std::uint32_t value) { model->write(address, value); }
};

}  // namespace board::stm32f4
