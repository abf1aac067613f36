/*
 * main.c: runs a target over files, or all files of folders, where there is no libFuzzer.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

static long files = 0;

static void
run_file(const char *path, size_t size)
{
	FILE	   *file = fopen(path, "rb");
	uint8_t    *data = malloc(size);

	/* where a run ends, its last line names the file */
	fprintf(stderr, "%s\n", path);
	if (file == NULL || fread(data, 1, size, file) != size)
		exit(2);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	files++;
}

static void
run(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		exit(2);
	if (S_ISDIR(status.st_mode))
	{
		DIR		   *folder = opendir(path);
		struct dirent *entry;

		while (folder != NULL && (entry = readdir(folder)) != NULL)
		{
			char		inner[4096];

			if (entry->d_name[0] == '.')
				continue;
			snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
			run(inner);
		}
		closedir(folder);
	}
	else
		run_file(path, (size_t) status.st_size);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	printf("%ld\n", files);
	return 0;
}
