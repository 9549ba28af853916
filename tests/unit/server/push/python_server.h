#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include <boost/json.hpp>

namespace server::push {

// A server of tests/support in a process of its own, which tells on its first line how it is
// reached, and serves until its standard input ends: with this object.
class PythonServer {
public:
    PythonServer(const std::string& script, const std::vector<std::string>& arguments);
    ~PythonServer();
    PythonServer(const PythonServer&) = delete;
    PythonServer& operator=(const PythonServer&) = delete;

    // Of the object on its first line.
    std::string told(const char* name) const { return told_.at(name).as_string().c_str(); }

private:
    pid_t process_ = -1;
    int input_ = -1;
    boost::json::object told_;
};

}  // namespace server::push
