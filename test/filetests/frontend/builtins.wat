;;! emit = builtins
(module)

;; ==>
;; ; memory_copy
;; function u3:0(i64 vmctx, i64, i64, i64, i64, i64) tail {
;; block0(v0: i64, v1: i64, v2: i64, v3: i64, v4: i64, v5: i64):
;;     v6 = load.i64 notrap aligned runtime v1+8
;;     v7 = icmp ugt v5, v6
;;     trapnz v7, heap_oob
;;     v8 = isub v6, v5
;;     v9 = icmp ugt v3, v8
;;     trapnz v9, heap_oob
;;     v10 = load.i64 notrap aligned readonly can_move runtime v1
;;     v11 = iadd v10, v3
;;     v12 = load.i64 notrap aligned runtime v2+8
;;     v13 = icmp ugt v5, v12
;;     trapnz v13, heap_oob
;;     v14 = isub v12, v5
;;     v15 = icmp ugt v4, v14
;;     trapnz v15, heap_oob
;;     v16 = load.i64 notrap aligned readonly can_move runtime v2
;;     v17 = iadd v16, v4
;;     v18 = iconst.i64 32
;;     v19 = icmp ugt v5, v18
;;     brif v19, block1, block2
;;
;; block1:
;;     v20 = isub.i64 v11, v17
;;     v21 = icmp uge v20, v5
;;     brif v21, block3, block4
;;
;; block3:
;;     v22 = iadd.i64 v17, v5
;;     v23 = iconst.i64 -32
;;     v24 = iadd v22, v23
;;     v25 = load.f64 notrap little heap v24
;;     v26 = load.f64 notrap little heap v24+8
;;     v27 = load.f64 notrap little heap v24+16
;;     v28 = load.f64 notrap little heap v24+24
;;     v29 = iadd.i64 v11, v5
;;     v30 = iconst.i64 -32
;;     v31 = iadd v29, v30
;;     v32 = isub.i64 v17, v11
;;     jump block5(v11)
;;
;; block5(v33: i64):
;;     v34 = iadd v33, v32
;;     v35 = load.f64 notrap little heap v34
;;     v36 = load.f64 notrap little heap v34+8
;;     v37 = load.f64 notrap little heap v34+16
;;     v38 = load.f64 notrap little heap v34+24
;;     store notrap little heap v35, v33
;;     store notrap little heap v36, v33+8
;;     store notrap little heap v37, v33+16
;;     store notrap little heap v38, v33+24
;;     v39 = iconst.i64 32
;;     v40 = iadd v33, v39
;;     v41 = icmp ult v40, v31
;;     brif v41, block5(v40), block6
;;
;; block6:
;;     store.f64 notrap little heap v25, v31
;;     store.f64 notrap little heap v26, v31+8
;;     store.f64 notrap little heap v27, v31+16
;;     store.f64 notrap little heap v28, v31+24
;;     return
;;
;; block4:
;;     v42 = load.f64 notrap little heap v17
;;     v43 = load.f64 notrap little heap v17+8
;;     v44 = load.f64 notrap little heap v17+16
;;     v45 = load.f64 notrap little heap v17+24
;;     v46 = isub.i64 v17, v11
;;     v47 = iadd.i64 v11, v5
;;     v48 = iconst.i64 -32
;;     v49 = iadd v47, v48
;;     jump block7(v49)
;;
;; block7(v50: i64):
;;     v51 = iadd v50, v46
;;     v52 = load.f64 notrap little heap v51
;;     v53 = load.f64 notrap little heap v51+8
;;     v54 = load.f64 notrap little heap v51+16
;;     v55 = load.f64 notrap little heap v51+24
;;     store notrap little heap v52, v50
;;     store notrap little heap v53, v50+8
;;     store notrap little heap v54, v50+16
;;     store notrap little heap v55, v50+24
;;     v56 = iconst.i64 -32
;;     v57 = iadd v50, v56
;;     v58 = icmp ugt v57, v11
;;     brif v58, block7(v57), block8
;;
;; block8:
;;     store.f64 notrap little heap v42, v11
;;     store.f64 notrap little heap v43, v11+8
;;     store.f64 notrap little heap v44, v11+16
;;     store.f64 notrap little heap v45, v11+24
;;     return
;;
;; block2:
;;     v59 = iconst.i64 16
;;     v60 = icmp.i64 uge v5, v59
;;     brif v60, block9, block10
;;
;; block9:
;;     v61 = iadd.i64 v11, v5
;;     v62 = iconst.i64 -16
;;     v63 = iadd v61, v62
;;     v64 = iadd.i64 v17, v5
;;     v65 = iconst.i64 -16
;;     v66 = iadd v64, v65
;;     v67 = load.f64 notrap little heap v17
;;     v68 = load.f64 notrap little heap v17+8
;;     v69 = load.f64 notrap little heap v66
;;     v70 = load.f64 notrap little heap v66+8
;;     store notrap little heap v67, v11
;;     store notrap little heap v68, v11+8
;;     store notrap little heap v69, v63
;;     store notrap little heap v70, v63+8
;;     return
;;
;; block10:
;;     v71 = iconst.i64 8
;;     v72 = icmp.i64 uge v5, v71
;;     brif v72, block11, block12
;;
;; block11:
;;     v73 = iadd.i64 v11, v5
;;     v74 = iconst.i64 -8
;;     v75 = iadd v73, v74
;;     v76 = iadd.i64 v17, v5
;;     v77 = iconst.i64 -8
;;     v78 = iadd v76, v77
;;     v79 = load.f64 notrap little heap v17
;;     v80 = load.f64 notrap little heap v78
;;     store notrap little heap v79, v11
;;     store notrap little heap v80, v75
;;     return
;;
;; block12:
;;     v81 = iconst.i64 4
;;     v82 = icmp.i64 uge v5, v81
;;     brif v82, block13, block14
;;
;; block13:
;;     v83 = iadd.i64 v11, v5
;;     v84 = iconst.i64 -4
;;     v85 = iadd v83, v84
;;     v86 = iadd.i64 v17, v5
;;     v87 = iconst.i64 -4
;;     v88 = iadd v86, v87
;;     v89 = uload32.i64 notrap little heap v17
;;     v90 = uload32.i64 notrap little heap v88
;;     istore32 notrap little heap v89, v11
;;     istore32 notrap little heap v90, v85
;;     return
;;
;; block14:
;;     v91 = iconst.i64 2
;;     v92 = icmp.i64 uge v5, v91
;;     brif v92, block15, block16
;;
;; block15:
;;     v93 = iadd.i64 v11, v5
;;     v94 = iconst.i64 -2
;;     v95 = iadd v93, v94
;;     v96 = iadd.i64 v17, v5
;;     v97 = iconst.i64 -2
;;     v98 = iadd v96, v97
;;     v99 = uload16.i64 notrap little heap v17
;;     v100 = uload16.i64 notrap little heap v98
;;     istore16 notrap little heap v99, v11
;;     istore16 notrap little heap v100, v95
;;     return
;;
;; block16:
;;     v101 = iconst.i64 1
;;     v102 = icmp.i64 uge v5, v101
;;     brif v102, block17, block18
;;
;; block17:
;;     v103 = iadd.i64 v11, v5
;;     v104 = iconst.i64 -1
;;     v105 = iadd v103, v104
;;     v106 = iadd.i64 v17, v5
;;     v107 = iconst.i64 -1
;;     v108 = iadd v106, v107
;;     v109 = uload8.i64 notrap little heap v17
;;     v110 = uload8.i64 notrap little heap v108
;;     istore8 notrap little heap v109, v11
;;     istore8 notrap little heap v110, v105
;;     return
;;
;; block18:
;;     return
;; }
;;
;; ; memory_fill
;; function u3:1(i64 vmctx, i64, i64, i32, i64) tail {
;; block0(v0: i64, v1: i64, v2: i64, v3: i32, v4: i64):
;;     v5 = load.i64 notrap aligned runtime v1+8
;;     v6 = icmp ugt v4, v5
;;     trapnz v6, heap_oob
;;     v7 = isub v5, v4
;;     v8 = icmp ugt v2, v7
;;     trapnz v8, heap_oob
;;     v9 = load.i64 notrap aligned readonly can_move runtime v1
;;     v10 = iadd v9, v2
;;     v11 = uextend.i64 v3
;;     v12 = iconst.i64 255
;;     v13 = band v11, v12
;;     v14 = iconst.i64 0x0101_0101_0101_0101
;;     v15 = imul v13, v14
;;     v16 = iconst.i64 32
;;     v17 = icmp ugt v4, v16
;;     brif v17, block1, block2
;;
;; block1:
;;     v18 = iadd.i64 v10, v4
;;     v19 = iconst.i64 -32
;;     v20 = iadd v18, v19
;;     jump block3(v10)
;;
;; block3(v21: i64):
;;     store.i64 notrap little heap v15, v21
;;     store.i64 notrap little heap v15, v21+8
;;     store.i64 notrap little heap v15, v21+16
;;     store.i64 notrap little heap v15, v21+24
;;     v22 = iconst.i64 32
;;     v23 = iadd v21, v22
;;     v24 = icmp ult v23, v20
;;     brif v24, block3(v23), block4
;;
;; block4:
;;     store.i64 notrap little heap v15, v20
;;     store.i64 notrap little heap v15, v20+8
;;     store.i64 notrap little heap v15, v20+16
;;     store.i64 notrap little heap v15, v20+24
;;     return
;;
;; block2:
;;     v25 = iconst.i64 16
;;     v26 = icmp.i64 uge v4, v25
;;     brif v26, block5, block6
;;
;; block5:
;;     store.i64 notrap little heap v15, v10
;;     store.i64 notrap little heap v15, v10+8
;;     v27 = iadd.i64 v10, v4
;;     v28 = iconst.i64 -16
;;     v29 = iadd v27, v28
;;     store.i64 notrap little heap v15, v29
;;     store.i64 notrap little heap v15, v29+8
;;     return
;;
;; block6:
;;     v30 = iconst.i64 8
;;     v31 = icmp.i64 uge v4, v30
;;     brif v31, block7, block8
;;
;; block7:
;;     store.i64 notrap little heap v15, v10
;;     v32 = iadd.i64 v10, v4
;;     v33 = iconst.i64 -8
;;     v34 = iadd v32, v33
;;     store.i64 notrap little heap v15, v34
;;     return
;;
;; block8:
;;     v35 = iconst.i64 4
;;     v36 = icmp.i64 uge v4, v35
;;     brif v36, block9, block10
;;
;; block9:
;;     istore32.i64 notrap little heap v15, v10
;;     v37 = iadd.i64 v10, v4
;;     v38 = iconst.i64 -4
;;     v39 = iadd v37, v38
;;     istore32.i64 notrap little heap v15, v39
;;     return
;;
;; block10:
;;     v40 = iconst.i64 2
;;     v41 = icmp.i64 uge v4, v40
;;     brif v41, block11, block12
;;
;; block11:
;;     istore16.i64 notrap little heap v15, v10
;;     v42 = iadd.i64 v10, v4
;;     v43 = iconst.i64 -2
;;     v44 = iadd v42, v43
;;     istore16.i64 notrap little heap v15, v44
;;     return
;;
;; block12:
;;     v45 = iconst.i64 1
;;     v46 = icmp.i64 uge v4, v45
;;     brif v46, block13, block14
;;
;; block13:
;;     istore8.i64 notrap little heap v15, v10
;;     v47 = iadd.i64 v10, v4
;;     v48 = iconst.i64 -1
;;     v49 = iadd v47, v48
;;     istore8.i64 notrap little heap v15, v49
;;     return
;;
;; block14:
;;     return
;; }
;;
;; ; memory_grow
;; function u3:2(i64 vmctx, i32, i64) -> i64 tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i64):
;;     v3 = load.i64 notrap aligned little v0+8
;;     v4 = iconst.i32 2
;;     v5 = get_frame_pointer.i64
;;     store notrap aligned little v5, v3+24
;;     v6 = get_return_address.i64
;;     store notrap aligned little v6, v3+32
;;     v7 = iconst.i64 -2147483648
;;     v8 = get_stack_pointer.i64
;;     v9 = band v8, v7
;;     store notrap aligned little v1, v9+256
;;     store notrap aligned little v2, v9+272
;;     store notrap aligned little v4, v9+28
;;     store notrap aligned little v0, v9+112
;;     v10 = iconst.i32 4
;;     v11 = call fn0(v10, v9)
;;     v12 = load.i64 notrap aligned little v11+256
;;     return v12
;; }
;;
;; ; memory_init
;; function u3:3(i64 vmctx, i32, i32, i64, i32, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i32, v3: i64, v4: i32, v5: i32):
;;     v6 = load.i64 notrap aligned little v0+8
;;     v7 = iconst.i32 3
;;     v8 = get_frame_pointer.i64
;;     store notrap aligned little v8, v6+24
;;     v9 = get_return_address.i64
;;     store notrap aligned little v9, v6+32
;;     v10 = iconst.i64 -2147483648
;;     v11 = get_stack_pointer.i64
;;     v12 = band v11, v10
;;     store notrap aligned little v1, v12+256
;;     store notrap aligned little v2, v12+272
;;     store notrap aligned little v3, v12+288
;;     store notrap aligned little v4, v12+304
;;     store notrap aligned little v5, v12+320
;;     store notrap aligned little v7, v12+28
;;     store notrap aligned little v0, v12+112
;;     v13 = iconst.i32 4
;;     v14 = call fn0(v13, v12)
;;     return
;; }
;;
;; ; data_drop
;; function u3:4(i64 vmctx, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i32 4
;;     v4 = get_frame_pointer.i64
;;     store notrap aligned little v4, v2+24
;;     v5 = get_return_address.i64
;;     store notrap aligned little v5, v2+32
;;     v6 = iconst.i64 -2147483648
;;     v7 = get_stack_pointer.i64
;;     v8 = band v7, v6
;;     store notrap aligned little v1, v8+256
;;     store notrap aligned little v3, v8+28
;;     store notrap aligned little v0, v8+112
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v8)
;;     return
;; }
;;
;; ; table_grow
;; function u3:5(i64 vmctx, i32, i64, i64) -> i64 tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i64, v3: i64):
;;     v4 = load.i64 notrap aligned little v0+8
;;     v5 = iconst.i32 5
;;     v6 = get_frame_pointer.i64
;;     store notrap aligned little v6, v4+24
;;     v7 = get_return_address.i64
;;     store notrap aligned little v7, v4+32
;;     v8 = iconst.i64 -2147483648
;;     v9 = get_stack_pointer.i64
;;     v10 = band v9, v8
;;     store notrap aligned little v1, v10+256
;;     store notrap aligned little v2, v10+272
;;     store notrap aligned little v3, v10+288
;;     store notrap aligned little v5, v10+28
;;     store notrap aligned little v0, v10+112
;;     v11 = iconst.i32 4
;;     v12 = call fn0(v11, v10)
;;     v13 = load.i64 notrap aligned little v12+256
;;     return v13
;; }
;;
;; ; table_fill
;; function u3:6(i64 vmctx, i32, i64, i64, i64) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i64, v3: i64, v4: i64):
;;     v5 = load.i64 notrap aligned little v0+8
;;     v6 = iconst.i32 6
;;     v7 = get_frame_pointer.i64
;;     store notrap aligned little v7, v5+24
;;     v8 = get_return_address.i64
;;     store notrap aligned little v8, v5+32
;;     v9 = iconst.i64 -2147483648
;;     v10 = get_stack_pointer.i64
;;     v11 = band v10, v9
;;     store notrap aligned little v1, v11+256
;;     store notrap aligned little v2, v11+272
;;     store notrap aligned little v3, v11+288
;;     store notrap aligned little v4, v11+304
;;     store notrap aligned little v6, v11+28
;;     store notrap aligned little v0, v11+112
;;     v12 = iconst.i32 4
;;     v13 = call fn0(v12, v11)
;;     return
;; }
;;
;; ; table_copy
;; function u3:7(i64 vmctx, i32, i32, i64, i64, i64) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i32, v3: i64, v4: i64, v5: i64):
;;     v6 = load.i64 notrap aligned little v0+8
;;     v7 = iconst.i32 7
;;     v8 = get_frame_pointer.i64
;;     store notrap aligned little v8, v6+24
;;     v9 = get_return_address.i64
;;     store notrap aligned little v9, v6+32
;;     v10 = iconst.i64 -2147483648
;;     v11 = get_stack_pointer.i64
;;     v12 = band v11, v10
;;     store notrap aligned little v1, v12+256
;;     store notrap aligned little v2, v12+272
;;     store notrap aligned little v3, v12+288
;;     store notrap aligned little v4, v12+304
;;     store notrap aligned little v5, v12+320
;;     store notrap aligned little v7, v12+28
;;     store notrap aligned little v0, v12+112
;;     v13 = iconst.i32 4
;;     v14 = call fn0(v13, v12)
;;     return
;; }
;;
;; ; table_init
;; function u3:8(i64 vmctx, i32, i32, i64, i32, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i32, v3: i64, v4: i32, v5: i32):
;;     v6 = load.i64 notrap aligned little v0+8
;;     v7 = iconst.i32 8
;;     v8 = get_frame_pointer.i64
;;     store notrap aligned little v8, v6+24
;;     v9 = get_return_address.i64
;;     store notrap aligned little v9, v6+32
;;     v10 = iconst.i64 -2147483648
;;     v11 = get_stack_pointer.i64
;;     v12 = band v11, v10
;;     store notrap aligned little v1, v12+256
;;     store notrap aligned little v2, v12+272
;;     store notrap aligned little v3, v12+288
;;     store notrap aligned little v4, v12+304
;;     store notrap aligned little v5, v12+320
;;     store notrap aligned little v7, v12+28
;;     store notrap aligned little v0, v12+112
;;     v13 = iconst.i32 4
;;     v14 = call fn0(v13, v12)
;;     return
;; }
;;
;; ; elem_drop
;; function u3:9(i64 vmctx, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i32 9
;;     v4 = get_frame_pointer.i64
;;     store notrap aligned little v4, v2+24
;;     v5 = get_return_address.i64
;;     store notrap aligned little v5, v2+32
;;     v6 = iconst.i64 -2147483648
;;     v7 = get_stack_pointer.i64
;;     v8 = band v7, v6
;;     store notrap aligned little v1, v8+256
;;     store notrap aligned little v3, v8+28
;;     store notrap aligned little v0, v8+112
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v8)
;;     return
;; }
;;
;; ; throw
;; function u3:10(i64 vmctx, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i32 10
;;     v4 = get_frame_pointer.i64
;;     store notrap aligned little v4, v2+24
;;     v5 = get_return_address.i64
;;     store notrap aligned little v5, v2+32
;;     v6 = iconst.i64 -2147483648
;;     v7 = get_stack_pointer.i64
;;     v8 = band v7, v6
;;     store notrap aligned little v1, v8+256
;;     store notrap aligned little v3, v8+28
;;     store notrap aligned little v0, v8+112
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v8)
;;     return
;; }
;;
;; ; throw_ref
;; function u3:11(i64 vmctx, i64) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i64):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i32 11
;;     v4 = get_frame_pointer.i64
;;     store notrap aligned little v4, v2+24
;;     v5 = get_return_address.i64
;;     store notrap aligned little v5, v2+32
;;     v6 = iconst.i64 -2147483648
;;     v7 = get_stack_pointer.i64
;;     v8 = band v7, v6
;;     store notrap aligned little v1, v8+256
;;     store notrap aligned little v3, v8+28
;;     store notrap aligned little v0, v8+112
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v8)
;;     return
;; }
