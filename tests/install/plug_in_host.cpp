// Loads plug-ins so that each may see the symbols of those before it, and runs them.
#include <dlfcn.h>

#include <cstdio>

int main(int argc, char** argv) {
    int n_wrong = 0;
    for (int i = 1; i < argc; ++i) {
        void* plug_in = dlopen(argv[i], RTLD_NOW | RTLD_GLOBAL);
        if (plug_in == nullptr) {
            std::printf("%s\n", dlerror());
            return 1;
        }
        n_wrong += reinterpret_cast<int (*)()>(dlsym(plug_in, "run_plug_in"))();
    }
    return n_wrong;
}
