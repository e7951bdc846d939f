# The libraries that kaygraph links, as targets of its own: made where it is built, and again where it is used, so that a
# package knows no path of the machine that it was built on.

# kaygraph_find_library(<name> <header> <Debian package>): kaygraph::<name>, found by header and library, as not every
# distribution gives it files for CMake. Sets kaygraph_missing to what is not there.
function(kaygraph_find_library name header package)
    if(TARGET kaygraph::${name})
        return()
    endif()
    string(TOUPPER "${name}" NAME)
    find_path(KAYGRAPH_${NAME}_INCLUDE ${header})
    find_library(KAYGRAPH_${NAME}_LIBRARY ${name})
    mark_as_advanced(KAYGRAPH_${NAME}_INCLUDE KAYGRAPH_${NAME}_LIBRARY)
    if(NOT KAYGRAPH_${NAME}_INCLUDE OR NOT KAYGRAPH_${NAME}_LIBRARY)
        set(kaygraph_missing "${header} and the library ${name} (Debian: ${package}; elsewhere: CMAKE_PREFIX_PATH)"
            PARENT_SCOPE)
        return()
    endif()
    add_library(kaygraph::${name} UNKNOWN IMPORTED)
    set_target_properties(kaygraph::${name} PROPERTIES
        IMPORTED_LOCATION "${KAYGRAPH_${NAME}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${KAYGRAPH_${NAME}_INCLUDE}")
endfunction()

# kaygraph_find_openmp_runtime(<runtime> <found>...): kaygraph::openmp, what code needs that a compiler made for this OpenMP
# runtime: gomp (gcc) or omp (clang and its relatives). <found>: the runtime of the program, where it has one. That of clang
# serves code of gcc, too; the other way round clang's is added, and serves both.
function(kaygraph_find_openmp_runtime runtime)
    if(TARGET kaygraph::openmp)
        return()
    endif()
    if(ARGN AND (runtime STREQUAL "gomp" OR "${ARGN}" MATCHES "omp5|libomp|iomp"))
        set(library "${ARGN}")
    else()
        set(folders "")  # compilers keep it to themselves
        foreach(prefix IN LISTS CMAKE_SYSTEM_PREFIX_PATH)
            file(GLOB found LIST_DIRECTORIES TRUE "${prefix}/lib/llvm-*/lib" "${prefix}/lib/gcc/*/*")
            list(APPEND folders ${found})
        endforeach()
        find_library(KAYGRAPH_OPENMP_RUNTIME NAMES ${runtime} lib${runtime}.so.5 lib${runtime}.so.1 HINTS ${folders})
        mark_as_advanced(KAYGRAPH_OPENMP_RUNTIME)
        if(NOT KAYGRAPH_OPENMP_RUNTIME)
            set(kaygraph_missing
                "lib${runtime}, the OpenMP runtime it was built for (Debian: libgomp1 of gcc, libomp-dev of clang)" PARENT_SCOPE)
            return()
        endif()
        set(library "${KAYGRAPH_OPENMP_RUNTIME}")
    endif()
    add_library(kaygraph::openmp INTERFACE IMPORTED)
    set_target_properties(kaygraph::openmp PROPERTIES INTERFACE_LINK_LIBRARIES "${library}")
endfunction()
