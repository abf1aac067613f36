/*
 * type_registry.h: messages that are known by registered descriptors, beside
 * those that are compiled in.
 */
#ifndef IDPSYNC_TYPE_REGISTRY_H
#define IDPSYNC_TYPE_REGISTRY_H

#include "postgres.h"

#include <protobuf-c/protobuf-c.h>

/* types that a registry may have, fields of a message, values of an enum */
#define REGISTRY_MAX_TYPES 10000
#define REGISTRY_MAX_FIELDS 1000
#define REGISTRY_MAX_VALUES 10000

typedef struct TypeRegistry TypeRegistry;

/* a serialized FileDescriptorProto */
typedef struct DescriptorFile
{
	const char *data;
	size_t		len;
} DescriptorFile;

/* the files of a serialized FileDescriptorSet; their number. ERROR as below */
extern int	read_descriptor_set(const char *data, size_t len, DescriptorFile **files);

/* the name of a file, in UTF-8, and whether its types are left out; ERROR as below */
extern const char *descriptor_file_name(const DescriptorFile *file, bool *is_left_out);

/*
 * The types of these files, in the current memory context, where the files
 * must stay. Those of files that are not proto3 are left out. ERROR 22P03, 22021
 * for bytes that are no descriptor, 22023 for one that describes no type, 0A000
 * for one that refers to a type that is left out, 54000 for too many.
 */
extern TypeRegistry *build_type_registry(const DescriptorFile *files, int n);

/* how many messages it has */
extern int	registered_messages(const TypeRegistry *types);

/*
 * The message a type URL names: compiled in, or else in the registry (NULL:
 * there is none). NULL if it is not known.
 */
extern const ProtobufCMessageDescriptor *find_any_type(const TypeRegistry *types, const char *url, size_t len);

/* is this message an entry of a map: its first field the key, its second the value? */
extern bool is_map_entry(const ProtobufCMessageDescriptor *message);

/* a message of this type with nothing set, whichever way the type is known */
extern ProtobufCMessage *make_message(const ProtobufCMessageDescriptor *descriptor);

#endif
