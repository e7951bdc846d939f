# A component that the package does not have must be refused by name.
find_package(kaygraph 0.1 REQUIRED COMPONENTS weather)
