#pragma once

#include <string>
#include <vector>

namespace tests::support {

// As execve() and posix_spawn() want them; they point into `texts`.
inline std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) {
        all.push_back(text.data());
    }
    all.push_back(nullptr);
    return all;
}

}  // namespace tests::support
