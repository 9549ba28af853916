#pragma once

#include "server/cli/data_folder.h"

// A board that `kyso up` reaches over kyso-uart: what a Linux module reads from its files, a board
// is told over its line.
namespace server::cli::up {

// Tells a board fresh from its flashing who its hosts are: the folder's PSKs. Refuses one of class
// `hardware`, whose people are not this folder's software phones, and one that has hosts already.
Outcome<void> introduce_board(const DataFolder& folder);

// Gives a board that is `locked` the secret that only this folder has; a board that is open stays
// as it is.
Outcome<void> unlock_board(const DataFolder& folder);

}  // namespace server::cli::up
