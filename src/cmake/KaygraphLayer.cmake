# kaygraph_layer(<name> SOURCES <file>... HEADERS <file>... [DEPENDS <layer>...] [PUBLIC <target>...]
#                [PRIVATE <target>...])
#
# A folder is a layer is a target: src/<name> and include/kaygraph/<name> become kaygraph_<name>, known
# as kaygraph::<name>. It may link only what it names in DEPENDS, and undefined symbols are refused, so
# a layer that uses a higher one does not link.

set(KAYGRAPH_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    list(APPEND KAYGRAPH_WARNINGS -Wno-restrict)  # false reports about std::string + (gcc bug 105651)
endif()

# The flags of every target of ours. -ffp-contract=off: compilers fuse plain code otherwise, and the
# same source would give other bits on another CPU.
function(kaygraph_flags target)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_compile_options(${target} PRIVATE ${KAYGRAPH_WARNINGS} -ffp-contract=off)
    if(KAYGRAPH_CHECK_LEVEL STREQUAL "hot")
        target_compile_definitions(${target} PUBLIC KAYGRAPH_CHECK_HOT)
    elseif(NOT KAYGRAPH_CHECK_LEVEL STREQUAL "always")
        message(FATAL_ERROR "KAYGRAPH_CHECK_LEVEL is '${KAYGRAPH_CHECK_LEVEL}'; write always or hot")
    endif()
    if(KAYGRAPH_SANITIZE STREQUAL "address")
        target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=all
                               -fno-omit-frame-pointer)
        target_link_options(${target} PRIVATE -fsanitize=address,undefined)
    elseif(KAYGRAPH_SANITIZE STREQUAL "thread")
        target_compile_options(${target} PRIVATE -fsanitize=thread -O1)
        target_link_options(${target} PRIVATE -fsanitize=thread)
    elseif(KAYGRAPH_SANITIZE)
        message(FATAL_ERROR "KAYGRAPH_SANITIZE is '${KAYGRAPH_SANITIZE}'; write address, thread or nothing")
    endif()
    if(KAYGRAPH_FUZZ)
        target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
    set_target_properties(${target} PROPERTIES
        CXX_EXTENSIONS OFF
        CXX_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON
        POSITION_INDEPENDENT_CODE ON)
endfunction()

# Symbols of a shared library bear its version, so that one process may have two.
set(KAYGRAPH_VERSION_SCRIPT "${PROJECT_BINARY_DIR}/kaygraph.map")
file(CONFIGURE OUTPUT "${KAYGRAPH_VERSION_SCRIPT}"
    CONTENT "KAYGRAPH_@PROJECT_VERSION_MAJOR@.@PROJECT_VERSION_MINOR@ {\n    global: *8kaygraph*;\n    local: *;\n};\n" @ONLY)

function(kaygraph_layer name)
    cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "SOURCES;HEADERS;DEPENDS;PUBLIC;PRIVATE")
    set(target kaygraph_${name})
    add_library(${target})
    add_library(kaygraph::${name} ALIAS ${target})
    list(TRANSFORM layer_HEADERS PREPEND "${PROJECT_SOURCE_DIR}/include/kaygraph/${name}/")
    if(name STREQUAL "base")
        list(APPEND layer_HEADERS "${PROJECT_SOURCE_DIR}/include/kaygraph/version.hpp")
    endif()
    target_sources(${target}
        PRIVATE ${layer_SOURCES}
        PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${layer_HEADERS})
    kaygraph_flags(${target})
    if(BUILD_SHARED_LIBS)
        target_compile_definitions(${target} PUBLIC KAYGRAPH_SHARED)
        target_link_options(${target} PRIVATE "LINKER:--version-script=${KAYGRAPH_VERSION_SCRIPT}")
    else()
        # A shared library of a user's does not export what it took from here: two of them may have two versions.
        target_link_options(${target} INTERFACE
            "LINKER:--exclude-libs,${CMAKE_STATIC_LIBRARY_PREFIX}${target}${CMAKE_STATIC_LIBRARY_SUFFIX}")
    endif()
    list(TRANSFORM layer_DEPENDS PREPEND kaygraph::)
    target_link_libraries(${target} PUBLIC ${layer_DEPENDS} ${layer_PUBLIC} PRIVATE ${layer_PRIVATE})
    if(BUILD_SHARED_LIBS AND NOT KAYGRAPH_SANITIZE)
        target_link_options(${target} PRIVATE -Wl,--no-undefined)
    endif()
    set_target_properties(${target} PROPERTIES
        EXPORT_NAME ${name}
        INSTALL_RPATH "$ORIGIN"
        INSTALL_RPATH_USE_LINK_PATH ON
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    set_property(GLOBAL APPEND PROPERTY KAYGRAPH_LAYERS ${target})
endfunction()
